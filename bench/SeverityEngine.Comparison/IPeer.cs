namespace SeverityEngine.Comparison;

/// <summary>Something that runs a network on a batch of random input, over and over.</summary>
interface IPeer : IDisposable
{
    string Name { get; }

    /// <summary>Runs it once.</summary>
    /// <returns>Milliseconds.</returns>
    double Run();

    /// <summary>Waits until OpenMP's threads, which go on spinning after a run, no longer take a core from who is next.</summary>
    static void LetThreadsRest() => Thread.Sleep(250);
}
