using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>A node of <see cref="WinogradOperator"/>.</summary>
sealed unsafe class WinogradNode : OperatorNode
{
    readonly ConvolutionKernel _kernel;

    /// <summary>Takes the weights over.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
    /// <exception cref="InvalidDataException">The kernel cannot serve these weights.</exception>
    public WinogradNode(EngineOperators owner, nint kernelInfo) : base(owner, WinogradOperator.OpType) =>
        _kernel = KernelOf(kernelInfo, 1, isSmall: false);

    public override int ScratchLength => _kernel.ScratchLength;

    public override void Run(nint handle, nint context)
    {
        Span<long> shape = stackalloc long[4];
        nint input = Owner.Api.Input(context, 0);
        if (!Owner.Api.TryGetShape(input, shape, out _) || shape[3] != _kernel.Inputs)
            throw new InvalidDataException($"its input must be [N, H, W, {_kernel.Inputs}]");
        OperatorStep step = new()
        {
            Node = handle,
            Images = checked((int)shape[0]),
            Height = checked((int)shape[1]),
            Width = checked((int)shape[2]),
            Image = Owner.Api.Data(input),
        };
        shape[3] = _kernel.Outputs;
        step.Made = Owner.Api.Data(Owner.Api.Output(context, 0, shape));
        RunStep(step, _kernel.PartsOf(step.Images, step.Height, step.Width), context);
    }

    public override void Dispose() => _kernel.Dispose();

    protected override void RunPart(in OperatorStep step, int part, float* scratch) =>
        _kernel.Run((float*)step.Image, (float*)step.Made, _kernel.Outputs, step.Images, step.Height, step.Width, part, scratch);
}
