namespace SeverityEngine;

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
