using SeverityEngine.Interop;
using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>A node of <see cref="DenseLayerOperator"/>.</summary>
sealed unsafe class DenseLayerNode : OperatorNode
{
    readonly DenseLayerKernel _kernel;

    /// <summary>Takes the weights over.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
    /// <exception cref="InvalidDataException">The kernel cannot serve these weights.</exception>
    public DenseLayerNode(EngineOperators owner, nint kernelInfo) : base(owner, DenseLayerOperator.OpType)
    {
        Span<long> vector = stackalloc long[1], shape = stackalloc long[4];
        ReadOnlySpan<float> scale = Constant<float>(kernelInfo, 1, "scale", vector);
        ReadOnlySpan<float> shift = Constant<float>(kernelInfo, 2, "shift", vector);
        ReadOnlySpan<float> weights = Constant<float>(kernelInfo, 3, "first weights", shape);
        ReadOnlySpan<float> bias = Constant<float>(kernelInfo, 4, "bias", vector);
        // The passes choose images of known size.
        Span<long> image = stackalloc long[4];
        bool isSmall = owner.Api.TryGetInputShape(kernelInfo, 0, image) && WindowKernel.Suits(image[1], image[2]);
        ConvolutionKernel second = KernelOf(kernelInfo, 5, isSmall);
        if (shape is not [_, _, 1, 1] || shape[0] != second.Inputs || shape[1] != scale.Length || shift.Length != scale.Length
            || bias.Length != second.Inputs || scale.Length % 8 != 0)
        {
            second.Dispose();
            throw new InvalidDataException("its scale and shift must be [C], its first weights [M, C, 1, 1] and its bias [M], "
                + "M as many as its second weights read, and C a multiple of 8");
        }
        _kernel = new DenseLayerKernel(scale, shift, weights, bias, second, owner.Kernels);
    }

    public override int ScratchLength => _kernel.ScratchLength;

    public override void Run(nint handle, nint context)
    {
        Span<long> shape = stackalloc long[4];
        nint input = Owner.Api.Input(context, 0);
        if (!Owner.Api.TryGetShape(input, shape, out _) || shape[3] < _kernel.Inputs + _kernel.Outputs)
            throw new InvalidDataException($"its input must be [N, H, W, at least {_kernel.Inputs + _kernel.Outputs}]");
        OperatorStep step = new()
        {
            Node = handle,
            Height = checked((int)shape[1]),
            Width = checked((int)shape[2]),
            Channels = checked((nint)shape[3]),
        };
        int pixels = checked(step.Height * step.Width);
        nint size = checked(pixels * step.Channels);
        float* images = (float*)Owner.Api.InPlace(context, input, shape, sizeof(float));
        AlignedBuffer middle = Owner.Middles.Rent(checked(pixels * _kernel.Middle));
        try
        {
            step.Made = (void*)middle.Address;
            for (long image = 0; image < shape[0]; image++)
            {
                step.Image = images + (image * size);
                RunStep(step with { IsSecond = false }, DenseLayerKernel.FirstPartsOf(pixels), context);
                RunStep(step with { IsSecond = true }, _kernel.SecondPartsOf(step.Height, step.Width), context);
            }
        }
        finally
        {
            Owner.Middles.Return(middle);
        }
    }

    public override void Dispose() => _kernel.Dispose();

    protected override void RunPart(in OperatorStep step, int part, float* scratch)
    {
        if (step.IsSecond)
            _kernel.RunSecond((float*)step.Made, (float*)step.Image, step.Channels, step.Height, step.Width, part, scratch);
        else
            _kernel.RunFirst((float*)step.Image, step.Channels, (float*)step.Made, step.Height * step.Width, part, scratch);
    }
}
