namespace SeverityEngine;

/// <summary>The place of a saliency map with the largest value; of equal ones the first.</summary>
/// <param name="X">Its column, from the left.</param>
/// <param name="Y">Its row, from the top.</param>
/// <param name="Value">The value there.</param>
public readonly record struct SaliencyPeak(int X, int Y, float Value);
