namespace SeverityEngine;

/// <summary>How long each stage of a prediction took.</summary>
/// <param name="Decode">Reading and decoding the file; zero for a prediction from pixels.</param>
/// <param name="Preprocess">Crop and resize into the network's input.</param>
/// <param name="Infer">The network.</param>
public readonly record struct PredictionTimings(TimeSpan Decode, TimeSpan Preprocess, TimeSpan Infer);
