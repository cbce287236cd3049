namespace SeverityEngine.Batch.Pipeline;

/// <summary>What a run needs of the program around it: somewhere to say things, a display of progress, and a wish to stop.</summary>
interface IRunHost
{
    /// <summary>Canceled when the run shall end in order.</summary>
    CancellationToken Stop { get; }

    /// <summary>
    /// Canceled some time after <see cref="Stop"/>, when the images in work shall be finished no more: they have no rows then.
    /// </summary>
    CancellationToken Abandon { get; }

    /// <summary>What the program ends with after a wish to stop: 130 after Ctrl-C, 143 after SIGTERM; 0 without one.</summary>
    int StopExitCode { get; }

    /// <summary>Says what is no result.</summary>
    void Line(string message);

    /// <summary>Says what is odd.</summary>
    void Warning(string message);

    /// <summary>Says what failed.</summary>
    void Error(string message);

    /// <summary>Shows how far something is while <paramref name="body"/> runs.</summary>
    void ShowProgress(IRunProgress progress, Action body);
}
