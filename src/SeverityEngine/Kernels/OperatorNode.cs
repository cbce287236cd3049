using System.Runtime.InteropServices;
using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>A node of a session's graph that is one of the engine's operators; ONNX Runtime holds a handle of it.</summary>
/// <param name="owner">Whose it is.</param>
/// <param name="type">The operator's name.</param>
abstract unsafe class OperatorNode(EngineOperators owner, string type) : IDisposable
{
    public EngineOperators Owner => owner;

    /// <summary>The operator's name.</summary>
    public string Type => type;

    /// <summary>Floats that a thread needs to work in; 0 for none.</summary>
    public abstract int ScratchLength { get; }

    public static OperatorNode From(nint handle) => (OperatorNode)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>Computes the node's output.</summary>
    /// <param name="handle">Its own handle.</param>
    /// <param name="context">ONNX Runtime's, of this run.</param>
    public abstract void Run(nint handle, nint context);

    public abstract void Dispose();

    /// <summary>Does one part of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="part">Which part, from 0 on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats; null for none.</param>
    protected abstract void RunPart(in OperatorStep step, int part, float* scratch);

    /// <summary>Does the parts of a step on the session's threads.</summary>
    /// <exception cref="InsufficientMemoryException">There was no memory to work in.</exception>
    protected void RunStep(OperatorStep step, int parts, nint context)
    {
        owner.Api.ParallelFor(context, &RunPart, parts, &step);
        if (step.Failed != 0)
            throw new InsufficientMemoryException();
    }

    /// <summary>A constant of the model as its numbers; its shape goes into <paramref name="shape"/>.</summary>
    protected ReadOnlySpan<T> Constant<T>(nint kernelInfo, nuint index, string name, Span<long> shape)
        where T : unmanaged
    {
        nint value = owner.Api.ConstantInput(kernelInfo, index);
        if (value == 0 || !owner.Api.TryGetShape(value, shape, out _))
            throw new InvalidDataException($"its {name} must be a constant of {shape.Length} axes");
        long count = 1;
        foreach (long length in shape)
            count = checked(count * length);
        return new ReadOnlySpan<T>(owner.Api.Data(value), checked((int)count));
    }

    /// <summary>The kernel of a node's 3 x 3 weights.</summary>
    /// <param name="kernelInfo">What ONNX Runtime says of the node.</param>
    /// <param name="index">The weights' place among its inputs.</param>
    /// <param name="isSmall">Whether <see cref="WindowKernel"/> suits its images.</param>
    protected ConvolutionKernel KernelOf(nint kernelInfo, nuint index, bool isSmall)
    {
        Span<long> shape = stackalloc long[4];
        ReadOnlySpan<float> weights = Constant<float>(kernelInfo, index, "weights", shape);
        if (shape is not [_, _, 3, 3] || shape[0] % 16 != 0 || shape[1] % 8 != 0)
            throw new InvalidDataException("its weights must be a constant [M, C, 3, 3], M a multiple of 16 and C of 8");
        int outputs = checked((int)shape[0]), inputs = checked((int)shape[1]);
        Arithmetic arithmetic = Arithmetics.For(owner.Kernels, inputs, outputs)!;
        return isSmall ? new WindowKernel(weights, outputs, inputs, arithmetic)
            : new WinogradKernel(weights, outputs, inputs, arithmetic);
    }

    /// <summary>Called on any of the session's threads; what it threw would end the process.</summary>
    [UnmanagedCallersOnly]
    static void RunPart(void* data, nuint part)
    {
        OperatorStep* step = (OperatorStep*)data;
        OperatorNode node = From(step->Node);
        AlignedBuffer? scratch = null;
        try
        {
            if (node.ScratchLength > 0)
                scratch = node.Owner.Scratch.Rent();
            node.RunPart(*step, (int)part, scratch is null ? null : (float*)scratch.Address);
        }
        catch (Exception)
        {
            step->Failed = 1;
        }
        if (scratch is not null)
            node.Owner.Scratch.Return(scratch);
    }
}

/// <summary>One step of a node's run, shared by the threads that work on it.</summary>
unsafe struct OperatorStep
{
    /// <summary>The node's handle.</summary>
    public nint Node;

    /// <summary>Whether it is the second of two steps.</summary>
    public bool IsSecond;

    public int Images;

    public int Height;

    public int Width;

    /// <summary>Channels of a pixel of <see cref="Image"/>; of elements of any type, their bytes.</summary>
    public nint Channels;

    /// <summary>What is read and, by a node that works in place, written.</summary>
    public void* Image;

    /// <summary>New channels for it that others made.</summary>
    public byte* Added;

    /// <summary>How many channels those are, or are made room for.</summary>
    public int More;

    /// <summary>What is written beside it; by a node of two steps, between them.</summary>
    public void* Made;

    public int Failed;

    /// <summary>Pixels of all images.</summary>
    public readonly int Pixels => checked(Images * Height * Width);
}
