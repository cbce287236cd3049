namespace SeverityEngine.Dicom.Tests;

/// <summary>Predictions of the built-in model, and results of them.</summary>
static class Scored
{
    static readonly Lazy<SeverityPredictor> s_predictor = new(() => SeverityPredictor.Create(new PredictorOptions { Model = Model }));

    public static ModelFile Model { get; } = ModelFile.BuiltIn();

    public static Prediction Predict(byte[] file, string name = "x.dcm") =>
        s_predictor.Value.Analyze(file, name, new PredictionOptions { Saliency = SaliencyOptions.Default });

    public static Prediction Predict(XRayImage image) => s_predictor.Value.Analyze(image);

    public static byte[] Report(byte[] file) => DicomReport.Encode(DicomSource.Read(file), Predict(file), Model.Sha256);

    public static byte[] Capture(byte[] file) => DicomSaliency.Encode(DicomSource.Read(file), Predict(file), Model.Sha256);
}
