namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>A tensor in double precision; whole numbers are held in it exactly.</summary>
sealed record DoubleTensor(int[] Shape, double[] Values)
{
    public int Rank => Shape.Length;

    public int Count => Values.Length;

    public static DoubleTensor Zeros(params int[] shape) => new(shape, new double[Product(shape)]);

    public static DoubleTensor Of(OnnxTensor tensor) => new([.. tensor.Dimensions.Select(d => (int)d)], tensor.ElementType switch
    {
        OnnxElementType.Float32 => [.. tensor.Values<float>().ToArray().Select(v => (double)v)],
        OnnxElementType.Float64 => tensor.Values<double>().ToArray(),
        _ => [.. tensor.ToIndices().Select(v => (double)v)],
    });

    public static int Product(IEnumerable<int> lengths) => lengths.Aggregate(1, (product, d) => product * d);

    public int[] Indices() => [.. Values.Select(v => (int)Math.Clamp(v, int.MinValue + 1, int.MaxValue))];

    /// <summary>The distance between neighbors along each axis.</summary>
    public int[] Strides()
    {
        int[] strides = new int[Rank];
        for (int axis = Rank - 1, stride = 1; axis >= 0; stride *= Shape[axis--])
            strides[axis] = stride;
        return strides;
    }
}
