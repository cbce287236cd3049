using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints.Networks;

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
            x, Constant($"{norm}.weight"), Constant($"{norm}.bias"), Constant($"{norm}.running_mean"), Constant($"{norm}.running_var"), 1e-5f, norm);
        return builder.Relu(x, relu);
    }

    string Constant(string name) => builder.Constant(Parameters.Tensor(state[name], name));
}
