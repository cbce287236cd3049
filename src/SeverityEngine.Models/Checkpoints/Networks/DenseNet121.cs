using System.Text.RegularExpressions;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints.Networks;

/// <summary>
/// DenseNet-121 for one channel (Huang et al., arXiv 1608.06993) as the chest X-ray networks of TorchXRayVision have it: growth 32, blocks
/// of 6, 12, 24 and 16 layers, bottleneck 4, stem 64; then ReLU, global average pool to 1024 features, and a linear layer.
/// </summary>
public static partial class DenseNet121
{
    const int Growth = 32, Bottleneck = 4, Stem = 64, FeatureCount = 1024, ImageSize = 224;
    const string ClassifierWeight = "classifier.weight", ClassifierBias = "classifier.bias";

    static readonly int[] s_blocks = [6, 12, 24, 16];

    /// <summary>The 18 findings of the published networks, in the order of their logits.</summary>
    public static IReadOnlyList<string> Labels { get; } =
    [
        "Atelectasis", "Consolidation", "Infiltration", "Pneumothorax", "Edema", "Emphysema", "Fibrosis", "Effusion", "Pneumonia",
        "Pleural_Thickening", "Cardiomegaly", "Nodule", "Mass", "Hernia", "Lung Lesion", "Fracture", "Lung Opacity",
        "Enlarged Cardiomediastinum",
    ];

    /// <summary>
    /// The operating points of the published 'all' weights (TorchXRayVision, <c>op_threshs</c>), one for each of <see cref="Labels"/>.
    /// </summary>
    public static IReadOnlyList<float> OperatingPoints { get; } =
    [
        0.07422872f, 0.038290843f, 0.09814756f, 0.0098118475f, 0.023601074f, 0.0022490358f, 0.010060724f, 0.103246614f, 0.056810737f,
        0.026791653f, 0.050318155f, 0.023985857f, 0.01939503f, 0.042889766f, 0.053369623f, 0.035975814f, 0.20204692f, 0.05015312f,
    ];

    /// <summary>The network and a head as a model that keeps the model contract.</summary>
    /// <param name="state">
    /// The parameters by their names in PyTorch, such as <c>features.denseblock1.denselayer1.norm1.running_mean</c>. Counters
    /// (<c>num_batches_tracked</c>) and <c>op_threshs</c> may be there and are not used. The classifier may be missing where the head reads
    /// the features.
    /// </param>
    /// <param name="head">What makes the two scores.</param>
    /// <param name="contract">
    /// What the model says of itself. The classifier must have as many rows as there are labels. With no labels, a classifier of 18 rows
    /// gets <see cref="Labels"/> and, where the contract has none, <see cref="OperatingPoints"/>; the logits of any other have no known
    /// meaning, and are no output.
    /// </param>
    /// <returns>
    /// Input <c>image</c> <c>[N, 1, 224, 224]</c>; outputs <c>geographic_extent</c> and <c>opacity</c> <c>[N, 1]</c>, <c>logits</c>
    /// <c>[N, L]</c>, where there are labels, and <c>features</c> <c>[N, 1024]</c>; all float32. Batch normalization stands in it as in the
    /// checkpoint, not folded.
    /// </returns>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.CheckpointLayout"/>: parameters are missing, unknown or misshapen; the message names them.
    /// <see cref="SeverityError.CheckpointInvalid"/>: a parameter, or one of the head's, is not finite; the message names it.
    /// <see cref="SeverityError.InvalidArgument"/>: labels or operating points that the contract cannot hold.
    /// </exception>
    public static OnnxModel Build(IReadOnlyDictionary<string, CheckpointTensor> state, SeverityHead head, ModelContract contract)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(contract);
        if (contract.Labels.Count == 0 && HasPublishedClasses(state))
            contract = contract with { Labels = Labels, OperatingPoints = OperatingPoints };
        int classes = contract.Labels.Count > 0 ? contract.Labels.Count : Classes(state);
        Parameters.Check(state, [.. Needed(classes)], Ignored, "a DenseNet-121 for one channel");
        if (classes == 0 && head.ReadsLogits)
        {
            throw new SeverityException(SeverityError.CheckpointLayout, "it has no classifier, whose logits the head reads; "
                + "use a head on the features: --head ralo, or a JSON file of your own");
        }

        GraphBuilder builder = new(nameof(DenseNet121));
        string image = builder.Input(ModelContract.ImageInput, OnnxElementType.Float32, ["N", 1, ImageSize, ImageSize]);
        string maps = new DenseNetWriter(builder, state).Features(image, s_blocks);
        string features = builder.Flatten(builder.GlobalAveragePool(maps, "features.pooled"), name: ModelContract.FeaturesOutput);
        // Logits of which nobody knows what they stand for are of use to a head alone.
        bool hasLabels = contract.Labels.Count > 0;
        string? logits = !hasLabels && !head.ReadsLogits ? null : builder.Gemm(
            features, Constant(ClassifierWeight), Constant(ClassifierBias), transB: true, name: ModelContract.LogitsOutput);
        head.AddTo(builder, new NetworkOutputs(features, FeatureCount, logits, classes, contract.Labels));

        builder.Output(ModelContract.GeographicExtentOutput, OnnxElementType.Float32, ["N", 1]);
        builder.Output(ModelContract.OpacityOutput, OnnxElementType.Float32, ["N", 1]);
        if (hasLabels)
            builder.Output(logits!, OnnxElementType.Float32, ["N", classes]);
        builder.Output(features, OnnxElementType.Float32, ["N", FeatureCount]);
        OnnxModel model = builder.Build();
        contract.Write(model.Metadata);
        return model;

        string Constant(string name) => builder.Constant(Parameters.Tensor(state[name], name));
    }

    /// <summary>
    /// The names to look for in a file. Torchvision called the layers in a block <c>norm.1</c> until PyTorch forbade dots in names.
    /// </summary>
    internal static NetworkNames Names { get; } = new(
        Needed(Labels.Count).Select(p => new NetworkName(p.Name, IsRequired: p.Name is not (ClassifierWeight or ClassifierBias))),
        name => OldSpelling().Replace(name, ".$1.$2.") is { } old && old != name ? [old] : []);

    /// <summary>Whether a classifier gives as many logits as there are published labels.</summary>
    internal static bool HasPublishedClasses(IReadOnlyDictionary<string, CheckpointTensor> state) => Classes(state) == Labels.Count;

    /// <summary>The parameters in the order of PyTorch's state dict, without the counters.</summary>
    /// <param name="labels">The classifier's rows; 0 for a network without one.</param>
    internal static IEnumerable<ParameterShape> Needed(int labels)
    {
        int channels = Stem;
        List<ParameterShape> needed = [new("features.conv0.weight", [Stem, 1, 7, 7]), .. Norm("features.norm0", Stem)];
        for (int block = 0; block < s_blocks.Length; block++)
        {
            for (int layer = 0; layer < s_blocks[block]; layer++)
            {
                string name = $"features.denseblock{block + 1}.denselayer{layer + 1}";
                needed.AddRange(Norm($"{name}.norm1", channels));
                needed.Add(new($"{name}.conv1.weight", [Bottleneck * Growth, channels, 1, 1]));
                needed.AddRange(Norm($"{name}.norm2", Bottleneck * Growth));
                needed.Add(new($"{name}.conv2.weight", [Growth, Bottleneck * Growth, 3, 3]));
                channels += Growth;
            }
            if (block == s_blocks.Length - 1)
                break;
            needed.AddRange(Norm($"features.transition{block + 1}.norm", channels));
            needed.Add(new($"features.transition{block + 1}.conv.weight", [channels / 2, channels, 1, 1]));
            channels /= 2;
        }
        needed.AddRange(Norm("features.norm5", channels));
        return labels == 0 ? needed : [.. needed, new(ClassifierWeight, [labels, FeatureCount]), new(ClassifierBias, [labels])];
    }

    /// <summary>The rows of the classifier, or those that it should have where it has another shape; 0 where there is none.</summary>
    static int Classes(IReadOnlyDictionary<string, CheckpointTensor> state) =>
        state.TryGetValue(ClassifierWeight, out CheckpointTensor? weight) && weight.Shape is [> 0 and int rows, FeatureCount] ? rows
        : weight is not null || state.ContainsKey(ClassifierBias) ? Labels.Count : 0;

    static ParameterShape[] Norm(string name, int channels) =>
        [new($"{name}.weight", [channels]), new($"{name}.bias", [channels]), new($"{name}.running_mean", [channels]),
        new($"{name}.running_var", [channels])];

    static bool Ignored(string name) => name == "op_threshs" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<=\.denselayer\d+)\.(norm|conv)([12])\.")]
    private static partial Regex OldSpelling();
}

/// <summary>Writes the convolutional part of a DenseNet into a graph; nodes carry the names that the modules have in PyTorch.</summary>
sealed class DenseNetWriter(GraphBuilder builder, IReadOnlyDictionary<string, CheckpointTensor> state)
{
    public string Features(string image, ReadOnlySpan<int> blocks)
    {
        string x = builder.Conv(image, Constant("features.conv0.weight"), strides: [2, 2], pads: [3, 3, 3, 3], name: "features.conv0");
        x = NormRelu(x, "features.norm0", "features.relu0");
        x = builder.MaxPool(x, [3, 3], [2, 2], [1, 1, 1, 1], "features.pool0");
        for (int block = 1; block <= blocks.Length; block++)
        {
            for (int layer = 1; layer <= blocks[block - 1]; layer++)
                x = DenseLayer(x, $"features.denseblock{block}.denselayer{layer}");
            if (block < blocks.Length)
                x = Transition(x, $"features.transition{block}");
        }
        return NormRelu(x, "features.norm5", "features.relu5");
    }

    string DenseLayer(string x, string name)
    {
        string y = NormRelu(x, $"{name}.norm1", $"{name}.relu1");
        y = builder.Conv(y, Constant($"{name}.conv1.weight"), name: $"{name}.conv1");
        y = NormRelu(y, $"{name}.norm2", $"{name}.relu2");
        y = builder.Conv(y, Constant($"{name}.conv2.weight"), pads: [1, 1, 1, 1], name: $"{name}.conv2");
        return builder.Concat([x, y], 1, $"{name}.concat");
    }

    string Transition(string x, string name)
    {
        x = NormRelu(x, $"{name}.norm", $"{name}.relu");
        x = builder.Conv(x, Constant($"{name}.conv.weight"), name: $"{name}.conv");
        return builder.AveragePool(x, [2, 2], [2, 2], name: $"{name}.pool");
    }

    string NormRelu(string x, string norm, string relu)
    {
        x = builder.BatchNormalization(
            x, Constant($"{norm}.weight"), Constant($"{norm}.bias"), Constant($"{norm}.running_mean"), Constant($"{norm}.running_var"),
            1e-5f, norm);
        return builder.Relu(x, relu);
    }

    string Constant(string name) => builder.Constant(Parameters.Tensor(state[name], name));
}
