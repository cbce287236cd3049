namespace SeverityEngine;

/// <summary>What a saliency map explains, and how it is made.</summary>
public sealed record SaliencyOptions
{
    /// <summary>The gradient of geographic extent, as in the published system.</summary>
    public static SaliencyOptions Default { get; } = new();

    /// <summary>The score that is explained, before it is clamped.</summary>
    public SaliencyTarget Target { get; init; } = SaliencyTarget.GeographicExtent;

    /// <summary>How the map is made.</summary>
    public SaliencyMethod Method { get; init; } = SaliencyMethod.Gradient;

    /// <summary>
    /// The value at which the colors of such maps end on a scale that is the same for every image: the 95th percentile of the largest
    /// values of 94 public X-rays' maps.
    /// </summary>
    /// <remarks>
    /// Source: severity-compact 1.1.0 on the 94 X-rays of Cohen et al., Predicting COVID-19 Pneumonia Severity on Chest X-ray with Deep
    /// Learning, 2020, rounded to two digits; docs/numbers.md has the command. Optimized forms of the model have the same ends.
    /// </remarks>
    /// <param name="model">The model that is explained.</param>
    /// <returns>The value; null for models of which it is not known.</returns>
    public float? AbsoluteEnd(ModelInfo model) => (model.Name, model.Version, Method, Target) switch
    {
        ("severity-compact", "1.1.0", SaliencyMethod.Gradient, SaliencyTarget.GeographicExtent) => 2.1e-8f,
        ("severity-compact", "1.1.0", SaliencyMethod.Gradient, SaliencyTarget.Opacity) => 6.2e-9f,
        ("severity-compact", "1.1.0", SaliencyMethod.ClassActivation, SaliencyTarget.GeographicExtent) => 12,
        ("severity-compact", "1.1.0", SaliencyMethod.ClassActivation, SaliencyTarget.Opacity) => 5.7f,
        _ => null,
    };
}

/// <summary>The score that a saliency map explains.</summary>
public enum SaliencyTarget
{
    /// <summary>Geographic extent.</summary>
    GeographicExtent = 0,
    /// <summary>Opacity.</summary>
    Opacity = 1,
}

/// <summary>How a saliency map is made.</summary>
public enum SaliencyMethod
{
    /// <summary>
    /// The score's gradient with respect to the network's input, before the score is clamped, squared, and blurred with a Gaussian of sigma
    /// 5 pixels. It works with any model of standard operators. Source: the published system (Cohen et al. 2020).
    /// </summary>
    Gradient = 0,
    /// <summary>
    /// The class activation map: what each place adds to the score (Zhou et al. 2016, arXiv 1512.04150), and almost free. It is exact for
    /// models whose score is linear in globally averaged features, and refused for others.
    /// </summary>
    ClassActivation = 1,
}
