using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>A node of <see cref="DensePoolOperator"/>.</summary>
/// <param name="owner">Whose it is.</param>
/// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
sealed unsafe class DensePoolNode(EngineOperators owner, nint kernelInfo) : ClampingNode(owner, kernelInfo, DensePoolOperator.OpType)
{
    public override void Run(nint handle, nint context)
    {
        Span<long> shape = stackalloc long[4];
        OperatorStep step = Read(handle, context, shape);
        step.Image = Owner.Api.Data(Owner.Api.Input(context, 0));
        (shape[1], shape[2], shape[3]) = (shape[1] / 2, shape[2] / 2, Kernel.Channels);
        step.Made = Owner.Api.Data(Owner.Api.Output(context, 0, shape));
        RunStep(step, Kernel.AveragePartsOf(step.Images, step.Height, step.Width), context);
    }

    protected override void RunPart(in OperatorStep step, int part, float* scratch) => Kernel.RunAverage(
        (byte*)step.Image, step.Channels, step.Added, step.More, (byte*)step.Made, step.Images, step.Height, step.Width, part);
}
