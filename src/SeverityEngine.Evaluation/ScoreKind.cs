namespace SeverityEngine.Evaluation;

/// <summary>One of the two scores.</summary>
public enum ScoreKind
{
    /// <summary>Geographic extent, 0 to 8.</summary>
    GeographicExtent,

    /// <summary>Opacity, 0 to 6.</summary>
    Opacity,
}

/// <summary>What is said of a score everywhere.</summary>
static class ScoreKinds
{
    /// <summary>Both, in the order in which they are shown.</summary>
    public static IReadOnlyList<ScoreKind> All { get; } = [ScoreKind.GeographicExtent, ScoreKind.Opacity];

    extension(ScoreKind kind)
    {
        /// <summary>Its name in rows and in JSON.</summary>
        public string Key => kind == ScoreKind.GeographicExtent ? ModelContract.GeographicExtentOutput : ModelContract.OpacityOutput;

        /// <summary>Its name for people.</summary>
        public string Title => kind == ScoreKind.GeographicExtent ? "geographic extent" : "opacity";

        /// <summary>Its range (Cohen et al. 2020, both lungs together); rows do not say it.</summary>
        public ScoreRange Range => kind == ScoreKind.GeographicExtent ? new(0, 8) : new(0, 6);
    }
}
