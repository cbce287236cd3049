using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>What a worker does to an image, in two steps. Called by several threads at once.</summary>
interface IImageScorer
{
    /// <summary>Whether <see cref="Score"/> would begin at once: the model is made, or could not be.</summary>
    bool IsReady { get; }

    /// <summary>Decodes an image that was read. What concerns this image alone comes back as its row.</summary>
    DecodedImage Decode(string name, ImageFile file, TimeSpan reading);

    /// <summary>
    /// The row of an image that was decoded. What concerns this image alone comes back as its row; what is thrown ends the run.
    /// </summary>
    ScoreRow Score(DecodedImage decoded);

    /// <summary>The row of an image that could not be read.</summary>
    ScoreRow Refuse(string name, SeverityException fault);
}
