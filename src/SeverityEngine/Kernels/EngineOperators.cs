using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Interop;
using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>
/// The engine's own operators, given to one session: <see cref="WinogradOperator"/>. A model that uses them also says what they mean in
/// standard operators, which ONNX Runtime takes where this processor lacks what a kernel is written for. To be disposed after the session.
/// </summary>
sealed unsafe class EngineOperators : IDisposable
{
    readonly OrtApi _api;
    readonly KernelSet _kernels;
    readonly ScratchPool _scratch = new();
    readonly Record* _record;
    readonly GCHandle _self;
    readonly nint _domain;
    bool _disposed;

    EngineOperators(OrtApi api, KernelSet kernels, SessionOptions options)
    {
        _api = api;
        _kernels = kernels;
        _self = GCHandle.Alloc(this);
        _record = (Record*)NativeMemory.AllocZeroed((nuint)sizeof(Record));
        _record->Owner = (nint)_self;
        Describe(&_record->Op);
        try
        {
            _domain = api.CreateCustomOpDomain(Domain);
            api.AddToDomain(_domain, &_record->Op);
            api.AddDomain(options.DangerousGetHandle(), _domain);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // WinogradOperator's names as C has them.
    static ReadOnlySpan<byte> Domain => "severity\0"u8;

    static ReadOnlySpan<byte> OpType => "WinogradConv\0"u8;

    /// <summary>
    /// Gives the operators to the session that will be made with these options; null where there are none for this processor.
    /// </summary>
    public static EngineOperators? AddTo(SessionOptions options) =>
        WinogradArithmetics.Serve(Cpu.Kernels) && OrtApi.TryGet(OnnxRuntimeLibrary.Handle, out OrtApi api)
            ? new EngineOperators(api, Cpu.Kernels, options) : null;

    /// <summary>To be called once the session is made: its threads then find memory to work in.</summary>
    public void Prepare(int threads) => _scratch.Prepare(threads);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        if (_domain != 0)
            _api.ReleaseDomain(_domain);
        NativeMemory.Free(_record);
        _self.Free();
        _scratch.Dispose();
    }

    static void Describe(OrtCustomOp* op)
    {
        op->Version = OrtApi.Version;
        op->GetName = &GetName;
        op->GetExecutionProviderType = &GetExecutionProviderType;
        op->GetInputType = &GetFloat;
        op->GetInputTypeCount = &GetTwo;
        op->GetOutputType = &GetFloat;
        op->GetOutputTypeCount = &GetOne;
        op->KernelDestroy = &DestroyKernel;
        op->GetInputCharacteristic = &GetZero; // required
        op->GetOutputCharacteristic = &GetZero;
        op->GetInputMemoryType = &GetZero; // the default
        op->GetVariadicInputMinArity = &GetOneArity;
        op->GetVariadicInputHomogeneity = &GetOneArity;
        op->GetVariadicOutputMinArity = &GetOneArity;
        op->GetVariadicOutputHomogeneity = &GetOneArity;
        op->CreateKernelV2 = &CreateKernel;
        op->KernelComputeV2 = &Compute;
    }

    WinogradKernel MakeKernel(nint kernelInfo)
    {
        Span<long> shape = stackalloc long[4];
        nint weights = _api.ConstantInput(kernelInfo, 1);
        if (weights == 0 || !_api.TryGetShape(weights, shape) || shape[2] != 3 || shape[3] != 3 || shape[0] % 16 != 0 || shape[1] % 8 != 0)
            throw new InvalidDataException("its weights must be a constant [M, C, 3, 3], M a multiple of 16 and C of 8");
        int outputs = checked((int)shape[0]), inputs = checked((int)shape[1]);
        WinogradKernel kernel = new(new ReadOnlySpan<float>(_api.Data(weights), checked(outputs * inputs * 9)), outputs, inputs,
            WinogradArithmetics.For(_kernels, inputs, outputs)!);
        _scratch.Reserve(kernel.ScratchLength);
        return kernel;
    }

    void Run(WinogradKernel kernel, nint kernelHandle, nint context)
    {
        Span<long> shape = stackalloc long[4];
        nint input = _api.Input(context, 0);
        if (!_api.TryGetShape(input, shape) || shape[3] != kernel.Inputs)
            throw new InvalidDataException($"its input must be [N, H, W, {kernel.Inputs}]");
        Job job = new()
        {
            Kernel = kernelHandle,
            Images = checked((int)shape[0]),
            Height = checked((int)shape[1]),
            Width = checked((int)shape[2]),
            Input = _api.Data(input),
        };
        shape[3] = kernel.Outputs;
        job.Output = _api.Data(_api.Output(context, 0, shape));
        _api.ParallelFor(context, &RunPart, WinogradKernel.PartsOf(job.Images, job.Height, job.Width), &job);
        if (job.Failed != 0)
            throw new InsufficientMemoryException();
    }

    [UnmanagedCallersOnly]
    static nint CreateKernel(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel)
    {
        EngineOperators owner = (EngineOperators)GCHandle.FromIntPtr(((Record*)op)->Owner).Target!;
        try
        {
            *kernel = (nint)GCHandle.Alloc(new Kernel(owner, owner.MakeKernel(kernelInfo)));
            return 0;
        }
        catch (Exception e)
        {
            return owner._api.Failure($"{WinogradOperator.OpType}: {Describe(e)}");
        }
    }

    [UnmanagedCallersOnly]
    static nint Compute(nint kernel, nint context)
    {
        Kernel made = (Kernel)GCHandle.FromIntPtr(kernel).Target!;
        try
        {
            made.Owner.Run(made.Winograd, kernel, context);
            return 0;
        }
        catch (Exception e)
        {
            return made.Owner._api.Failure($"{WinogradOperator.OpType}: {Describe(e)}");
        }
    }

    [UnmanagedCallersOnly]
    static void DestroyKernel(nint kernel)
    {
        GCHandle handle = GCHandle.FromIntPtr(kernel);
        ((Kernel)handle.Target!).Winograd.Dispose();
        handle.Free();
    }

    static string Describe(Exception e) => e is OutOfMemoryException ? OnnxFaults.NoMemory : e.Message;

    /// <summary>Called on any of the session's threads; what it threw would end the process.</summary>
    [UnmanagedCallersOnly]
    static void RunPart(void* data, nuint part)
    {
        Job* job = (Job*)data;
        Kernel kernel = (Kernel)GCHandle.FromIntPtr(job->Kernel).Target!;
        AlignedBuffer? scratch = null;
        try
        {
            scratch = kernel.Owner._scratch.Rent();
            kernel.Winograd.Run(job->Input, job->Output, job->Images, job->Height, job->Width, (int)part, (float*)scratch.Address);
        }
        catch (Exception)
        {
            job->Failed = 1;
        }
        if (scratch is not null)
            kernel.Owner._scratch.Return(scratch);
    }

    [UnmanagedCallersOnly]
    static byte* GetName(OrtCustomOp* op) => Constant(OpType);

    [UnmanagedCallersOnly]
    static byte* GetExecutionProviderType(OrtCustomOp* op) => null; // the processor

    [UnmanagedCallersOnly]
    static int GetFloat(OrtCustomOp* op, nuint index) => OrtApi.Float;

    [UnmanagedCallersOnly]
    static int GetZero(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    static nuint GetOne(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly]
    static nuint GetTwo(OrtCustomOp* op) => 2;

    [UnmanagedCallersOnly]
    static int GetOneArity(OrtCustomOp* op) => 1;

    /// <summary>The address of a literal, which lies in the program's image and never moves.</summary>
    static byte* Constant(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));

    /// <summary>What ONNX Runtime reads of an operator, and behind it whose it is.</summary>
    struct Record
    {
        public OrtCustomOp Op;
        public nint Owner;
    }

    /// <summary>One run of a kernel, shared by the threads that work on it.</summary>
    struct Job
    {
        public nint Kernel;
        public int Images;
        public int Height;
        public int Width;
        public float* Input;
        public float* Output;
        public int Failed;
    }

    /// <summary>What ONNX Runtime holds of a node.</summary>
    sealed record Kernel(EngineOperators Owner, WinogradKernel Winograd);
}
