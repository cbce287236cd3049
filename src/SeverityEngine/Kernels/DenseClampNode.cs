using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>A node of <see cref="DenseClampOperator"/>.</summary>
sealed unsafe class DenseClampNode : OperatorNode
{
    readonly DenseClampKernel _kernel;

    /// <summary>Takes the bounds over.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
    /// <exception cref="InvalidDataException">They are no constants of one length.</exception>
    public DenseClampNode(EngineOperators owner, nint kernelInfo) : base(owner, DenseClampOperator.OpType)
    {
        Span<long> vector = stackalloc long[1];
        ReadOnlySpan<byte> floor = Constant<byte>(kernelInfo, 2, "floor", vector);
        ReadOnlySpan<byte> ceiling = Constant<byte>(kernelInfo, 3, "ceiling", vector);
        if (ceiling.Length != floor.Length)
            throw new InvalidDataException("its floor and its ceiling must be of one length");
        _kernel = new DenseClampKernel(floor, ceiling, owner.Kernels);
    }

    public override int ScratchLength => 0;

    public override void Run(nint handle, nint context)
    {
        Span<long> shape = stackalloc long[4], addedShape = stackalloc long[4];
        nint input = Owner.Api.Input(context, 0), added = Owner.Api.Input(context, 1);
        if (!Owner.Api.TryGetShape(input, shape) || !Owner.Api.TryGetShape(added, addedShape) || !shape[..3].SequenceEqual(addedShape[..3])
            || shape[3] < _kernel.Channels || addedShape[3] > _kernel.Channels)
        {
            throw new InvalidDataException(
                $"its inputs must be [N, H, W, at least {_kernel.Channels}] and [N, H, W, at most {_kernel.Channels}]");
        }
        OperatorStep step = new()
        {
            Node = handle,
            Images = checked((int)shape[0]),
            Height = checked((int)shape[1]),
            Width = checked((int)shape[2]),
            Channels = checked((nint)shape[3]),
            Added = (byte*)Owner.Api.Data(added),
            More = checked((int)addedShape[3]),
            Image = Owner.Api.InPlace(context, input, shape, sizeof(byte)),
        };
        shape[3] = _kernel.Channels;
        step.Made = Owner.Api.Data(Owner.Api.Output(context, 1, shape));
        RunStep(step, _kernel.PartsOf(Pixels(step)), context);
    }

    public override void Dispose() => _kernel.Dispose();

    protected override void RunPart(in OperatorStep step, int part, float* scratch) =>
        _kernel.Run((byte*)step.Image, step.Channels, step.Added, step.More, (byte*)step.Made, Pixels(step), part);

    static int Pixels(in OperatorStep step) => checked(step.Images * step.Height * step.Width);
}
