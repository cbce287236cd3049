using System.Runtime.InteropServices;
using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>A node of <see cref="DenseRoomOperator"/>.</summary>
sealed unsafe class DenseRoomNode : OperatorNode
{
    readonly int _room;

    /// <param name="owner">Whose it is.</param>
    /// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
    /// <exception cref="InvalidDataException">The room is no constant above 0.</exception>
    public DenseRoomNode(EngineOperators owner, nint kernelInfo) : base(owner, DenseRoomOperator.OpType)
    {
        Span<long> vector = stackalloc long[1];
        if (Constant<long>(kernelInfo, 1, "room", vector) is not [> 0 and <= int.MaxValue and var room])
            throw new InvalidDataException("its room must be one number above 0");
        _room = (int)room;
    }

    public override int ScratchLength => 0;

    public override void Run(nint handle, nint context)
    {
        Span<long> shape = stackalloc long[4];
        nint input = Owner.Api.Input(context, 0);
        bool isImage = Owner.Api.TryGetShape(input, shape, out int type);
        int size = type switch { OrtApi.Float => sizeof(float), OrtApi.Byte => sizeof(byte), _ => 0 };
        if (!isImage || size == 0)
            throw new InvalidDataException("its input must be [N, H, W, C] of float or uint8");
        OperatorStep step = new()
        {
            Node = handle,
            Images = checked((int)shape[0]),
            Height = checked((int)shape[1]),
            Width = checked((int)shape[2]),
            Channels = checked((nint)shape[3] * size),
            More = checked(_room * size),
            Image = Owner.Api.Data(input),
        };
        shape[3] += _room;
        step.Made = Owner.Api.Data(Owner.Api.Output(context, 0, shape));
        RunStep(step, PartsOf(step), context);
    }

    public override void Dispose()
    {
        // It holds nothing.
    }

    protected override void RunPart(in OperatorStep step, int part, float* scratch)
    {
        nint read = step.Channels, made = read + step.More;
        (nint pixel, nint end) = PixelParts.Range(step.Pixels, part, PartsOf(step));
        for (; pixel < end; pixel++)
        {
            byte* to = (byte*)step.Made + (pixel * made);
            NativeMemory.Copy((byte*)step.Image + (pixel * read), to, (nuint)read);
            NativeMemory.Clear(to + read, (nuint)step.More);
        }
    }

    static int PartsOf(in OperatorStep step) => PixelParts.Of(step.Pixels, step.Channels + step.More);
}
