using SeverityEngine.Inference;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Models.Install;

/// <summary>A published model's files as an ONNX file, rewritten to compute the same with less work.</summary>
static class PublishedModel
{
    public static byte[] Convert(KnownModel model, IReadOnlyDictionary<WeightsFile, byte[]> files)
    {
        SeverityHead head = model.HeadFiles is [WeightsFile extent, WeightsFile opacity]
            ? new RaloHead(Perceptron(extent), Perceptron(opacity)) : new CidcHead();
        ModelContract contract = new()
        {
            Name = model.Name,
            Version = model.Version,
            Labels = DenseNet121.Labels,
            OperatingPoints = DenseNet121.OperatingPoints,
            Source = model.Backbone.Url,
            SourceSha256 = model.Backbone.Sha256,
            License = model.License,
            Citation = model.Citation,
        };
        OnnxModel converted = CheckpointConverter.ToModel(files[model.Backbone], model.Backbone.Name, head, contract);
        return OnnxFaults.Translate(model.Backbone.Name, () =>
        {
            EnginePasses.Apply(converted);
            return converted.ToArray();
        });

        IReadOnlyList<MlpLayer> Perceptron(WeightsFile file) => MlpHead.Read(files[file], file.Name).Layers;
    }
}
