using SeverityEngine.Cli.Output;

namespace SeverityEngine.Cli.Batch;

/// <summary>What a worker does to an image. Called by several threads at once.</summary>
interface IImageScorer
{
    /// <summary>The row of an image that was read. What concerns this image alone comes back as its row; what is thrown ends the run.</summary>
    ScoreRow Score(string name, ImageFile file, TimeSpan reading);

    /// <summary>The row of an image that could not be read.</summary>
    ScoreRow Refuse(string name, SeverityException fault);
}
