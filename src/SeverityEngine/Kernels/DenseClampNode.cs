using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>A node that reads an image, new channels for it, and bounds of both.</summary>
abstract unsafe class ClampingNode : OperatorNode
{
    /// <summary>Takes the bounds over.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
    /// <param name="type">The operator's name.</param>
    /// <exception cref="InvalidDataException">They are no constants of one length.</exception>
    protected ClampingNode(EngineOperators owner, nint kernelInfo, string type) : base(owner, type)
    {
        Span<long> vector = stackalloc long[1];
        ReadOnlySpan<byte> floor = Constant<byte>(kernelInfo, 2, "floor", vector);
        ReadOnlySpan<byte> ceiling = Constant<byte>(kernelInfo, 3, "ceiling", vector);
        if (ceiling.Length != floor.Length)
            throw new InvalidDataException("its floor and its ceiling must be of one length");
        Kernel = new DenseClampKernel(floor, ceiling, owner.Kernels);
    }

    public override int ScratchLength => 0;

    protected DenseClampKernel Kernel { get; }

    public override void Dispose() => Kernel.Dispose();

    /// <summary>What a run reads but the image's own numbers.</summary>
    /// <param name="handle">The node's handle.</param>
    /// <param name="context">ONNX Runtime's, of this run.</param>
    /// <param name="shape">Takes the image's shape.</param>
    protected OperatorStep Read(nint handle, nint context, Span<long> shape)
    {
        Span<long> addedShape = stackalloc long[4];
        nint input = Owner.Api.Input(context, 0), added = Owner.Api.Input(context, 1);
        if (!Owner.Api.TryGetShape(input, shape, out _) || !Owner.Api.TryGetShape(added, addedShape, out _)
            || !shape[..3].SequenceEqual(addedShape[..3]) || shape[3] < Kernel.Channels || addedShape[3] > Kernel.Channels)
        {
            throw new InvalidDataException(
                $"its inputs must be [N, H, W, at least {Kernel.Channels}] and [N, H, W, at most {Kernel.Channels}]");
        }
        return new OperatorStep
        {
            Node = handle,
            Images = checked((int)shape[0]),
            Height = checked((int)shape[1]),
            Width = checked((int)shape[2]),
            Channels = checked((nint)shape[3]),
            Added = (byte*)Owner.Api.Data(added),
            More = checked((int)addedShape[3]),
        };
    }
}

/// <summary>A node of <see cref="DenseClampOperator"/>.</summary>
/// <param name="owner">Whose it is.</param>
/// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
sealed unsafe class DenseClampNode(EngineOperators owner, nint kernelInfo) : ClampingNode(owner, kernelInfo, DenseClampOperator.OpType)
{
    public override void Run(nint handle, nint context)
    {
        Span<long> shape = stackalloc long[4];
        OperatorStep step = Read(handle, context, shape);
        step.Image = Owner.Api.InPlace(context, Owner.Api.Input(context, 0), shape, sizeof(byte));
        shape[3] = Kernel.Channels;
        step.Made = Owner.Api.Data(Owner.Api.Output(context, 1, shape));
        RunStep(step, Kernel.PartsOf(step.Pixels), context);
    }

    protected override void RunPart(in OperatorStep step, int part, float* scratch) =>
        Kernel.Run((byte*)step.Image, step.Channels, step.Added, step.More, (byte*)step.Made, step.Pixels, part);
}
