namespace SeverityEngine.Batch.Rows;

/// <summary>A saliency map and the files that it was written to.</summary>
sealed record WrittenSaliency(SaliencyMap Map, string? Picture, string? Raw)
{
    /// <summary>The score that it explains, as the command line spells it.</summary>
    public string Of => Map.Options.Target == SaliencyTarget.Opacity ? "opacity" : "extent";

    /// <summary>How it was made, as the command line spells it.</summary>
    public string Method => Map.Options.Method == SaliencyMethod.ClassActivation ? "cam" : "gradient";
}
