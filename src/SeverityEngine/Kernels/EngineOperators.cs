using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Interop;
using SeverityEngine.Onnx;

namespace SeverityEngine.Kernels;

/// <summary>
/// The engine's own operators, given to one session: <see cref="WinogradOperator"/>, <see cref="DenseRoomOperator"/>,
/// <see cref="DenseLayerOperator"/>, <see cref="DenseClampOperator"/> and <see cref="DensePoolOperator"/>. A model that uses them also says
/// what they mean in standard operators, which ONNX Runtime takes where this processor lacks what a kernel is written for. To be disposed
/// after the session.
/// </summary>
sealed unsafe class EngineOperators : IDisposable
{
    const int Count = 5;

    readonly Record* _records;
    readonly GCHandle _self;
    readonly nint _domain;
    bool _disposed;

    EngineOperators(OrtApi api, KernelSet kernels, SessionOptions options)
    {
        Api = api;
        Kernels = kernels;
        _self = GCHandle.Alloc(this);
        _records = (Record*)NativeMemory.AllocZeroed(Count, (nuint)sizeof(Record));
        Describe(&_records[0].Op, &GetWinogradName, &GetTwo, &CreateWinograd);
        Describe(&_records[1].Op, &GetDenseLayerName, &GetSix, &CreateDenseLayer);
        Describe(&_records[2].Op, &GetDenseClampName, &GetFour, &CreateDenseClamp);
        _records[2].Op.GetInputType = _records[2].Op.GetOutputType = &GetByte;
        _records[2].Op.GetOutputTypeCount = &GetTwo;
        Describe(&_records[3].Op, &GetDensePoolName, &GetFour, &CreateDensePool);
        _records[3].Op.GetInputType = _records[3].Op.GetOutputType = &GetByte;
        Describe(&_records[4].Op, &GetDenseRoomName, &GetTwo, &CreateDenseRoom);
        _records[4].Op.GetInputType = &GetAnyThenLong;
        _records[4].Op.GetOutputType = &GetAny;
        foreach (ref Record layer in new Span<Record>(_records, Count)[1..3])
        {
            // A layer writes behind the channels that it reads, and needs no copy of them. The runtime has to know that the shapes are one.
            layer.Op.GetMayInplace = &GetFirstInplace;
            layer.Op.ReleaseMayInplace = &ReleaseInplace;
            layer.Op.InferOutputShapeFn = &InferSame;
        }
        try
        {
            _domain = api.CreateCustomOpDomain(Domain);
            for (int i = 0; i < Count; i++)
            {
                _records[i].Owner = (nint)_self;
                api.AddToDomain(_domain, &_records[i].Op);
            }
            api.AddDomain(options.DangerousGetHandle(), _domain);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OrtApi Api { get; }

    public KernelSet Kernels { get; }

    /// <summary>Memory that one thread works in, for each part of its work.</summary>
    public ScratchPool Scratch { get; } = new();

    /// <summary>Memory for what is made of an image between two steps of a node.</summary>
    public ScratchPool Middles { get; } = new();

    // The operators' names as C has them.
    static ReadOnlySpan<byte> Domain => "severity\0"u8;

    static ReadOnlySpan<byte> WinogradType => "WinogradConv\0"u8;

    static ReadOnlySpan<byte> DenseLayerType => "DenseLayer\0"u8;

    static ReadOnlySpan<byte> DenseClampType => "DenseClamp\0"u8;

    static ReadOnlySpan<byte> DensePoolType => "DensePool\0"u8;

    static ReadOnlySpan<byte> DenseRoomType => "DenseRoom\0"u8;

    /// <summary>
    /// Gives the operators to the session that will be made with these options; null where there are none for this processor.
    /// </summary>
    public static EngineOperators? AddTo(SessionOptions options) =>
        Arithmetics.Serve(Cpu.Kernels) && OrtApi.TryGet(OnnxRuntimeLibrary.Handle, out OrtApi api)
            ? new EngineOperators(api, Cpu.Kernels, options) : null;

    /// <summary>To be called once the session is made: its threads then find memory to work in.</summary>
    public void Prepare(int threads) => Scratch.Prepare(threads);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        if (_domain != 0)
            Api.ReleaseDomain(_domain);
        NativeMemory.Free(_records);
        _self.Free();
        Scratch.Dispose();
        Middles.Dispose();
    }

    static void Describe(OrtCustomOp* op, delegate* unmanaged<OrtCustomOp*, byte*> name, delegate* unmanaged<OrtCustomOp*, nuint> inputs,
        delegate* unmanaged<OrtCustomOp*, nint*, nint, nint*, nint> create)
    {
        op->Version = OrtApi.Version;
        op->GetName = name;
        op->GetExecutionProviderType = &GetExecutionProviderType;
        op->GetInputType = &GetFloat;
        op->GetInputTypeCount = inputs;
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
        op->CreateKernelV2 = create;
        op->KernelComputeV2 = &Compute;
    }

    [UnmanagedCallersOnly]
    static nint CreateWinograd(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel) =>
        Create(op, kernelInfo, kernel, WinogradOperator.OpType, (owner, info) => new WinogradNode(owner, info));

    [UnmanagedCallersOnly]
    static nint CreateDenseLayer(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel) =>
        Create(op, kernelInfo, kernel, DenseLayerOperator.OpType, (owner, info) => new DenseLayerNode(owner, info));

    [UnmanagedCallersOnly]
    static nint CreateDenseClamp(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel) =>
        Create(op, kernelInfo, kernel, DenseClampOperator.OpType, (owner, info) => new DenseClampNode(owner, info));

    [UnmanagedCallersOnly]
    static nint CreateDensePool(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel) =>
        Create(op, kernelInfo, kernel, DensePoolOperator.OpType, (owner, info) => new DensePoolNode(owner, info));

    [UnmanagedCallersOnly]
    static nint CreateDenseRoom(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel) =>
        Create(op, kernelInfo, kernel, DenseRoomOperator.OpType, (owner, info) => new DenseRoomNode(owner, info));

    static nint Create(OrtCustomOp* op, nint kernelInfo, nint* kernel, string type, Func<EngineOperators, nint, OperatorNode> make)
    {
        EngineOperators owner = OwnerOf(op);
        try
        {
            OperatorNode node = make(owner, kernelInfo);
            owner.Scratch.Reserve(node.ScratchLength);
            *kernel = (nint)GCHandle.Alloc(node);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(owner, type, e);
        }
    }

    [UnmanagedCallersOnly]
    static nint Compute(nint kernel, nint context)
    {
        OperatorNode node = OperatorNode.From(kernel);
        try
        {
            node.Run(kernel, context);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(node.Owner, node.Type, e);
        }
    }

    [UnmanagedCallersOnly]
    static void DestroyKernel(nint kernel)
    {
        OperatorNode.From(kernel).Dispose();
        GCHandle.FromIntPtr(kernel).Free();
    }

    /// <summary>Says that the first output has the first input's shape.</summary>
    [UnmanagedCallersOnly]
    static nint InferSame(OrtCustomOp* op, nint context)
    {
        EngineOperators owner = OwnerOf(op);
        try
        {
            owner.Api.InferSameShape(context);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(owner, Marshal.PtrToStringUTF8((nint)op->GetName(op))!, e);
        }
    }

    static EngineOperators OwnerOf(OrtCustomOp* op) => (EngineOperators)GCHandle.FromIntPtr(((Record*)op)->Owner).Target!;

    static nint Failure(EngineOperators owner, string type, Exception e) =>
        owner.Api.Failure($"{type}: {Describe(e)}");

    static string Describe(Exception e) => e is OutOfMemoryException ? OnnxFaults.NoMemory : e.Message;

    [UnmanagedCallersOnly]
    static byte* GetWinogradName(OrtCustomOp* op) => Constant(WinogradType);

    [UnmanagedCallersOnly]
    static byte* GetDenseLayerName(OrtCustomOp* op) => Constant(DenseLayerType);

    [UnmanagedCallersOnly]
    static byte* GetDenseClampName(OrtCustomOp* op) => Constant(DenseClampType);

    [UnmanagedCallersOnly]
    static byte* GetDensePoolName(OrtCustomOp* op) => Constant(DensePoolType);

    [UnmanagedCallersOnly]
    static byte* GetDenseRoomName(OrtCustomOp* op) => Constant(DenseRoomType);

    [UnmanagedCallersOnly]
    static byte* GetExecutionProviderType(OrtCustomOp* op) => null; // the processor

    [UnmanagedCallersOnly]
    static int GetFloat(OrtCustomOp* op, nuint index) => OrtApi.Float;

    [UnmanagedCallersOnly]
    static int GetByte(OrtCustomOp* op, nuint index) => OrtApi.Byte;

    [UnmanagedCallersOnly]
    static int GetAny(OrtCustomOp* op, nuint index) => OrtApi.AnyType;

    [UnmanagedCallersOnly]
    static int GetAnyThenLong(OrtCustomOp* op, nuint index) => index == 0 ? OrtApi.AnyType : OrtApi.Long;

    [UnmanagedCallersOnly]
    static int GetZero(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    static nuint GetOne(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly]
    static nuint GetTwo(OrtCustomOp* op) => 2;

    [UnmanagedCallersOnly]
    static nuint GetFour(OrtCustomOp* op) => 4;

    [UnmanagedCallersOnly]
    static nuint GetSix(OrtCustomOp* op) => 6;

    [UnmanagedCallersOnly]
    static int GetOneArity(OrtCustomOp* op) => 1;

    /// <summary>The first output may lie where the first input does.</summary>
    [UnmanagedCallersOnly]
    static nuint GetFirstInplace(int** inputs, int** outputs)
    {
        *inputs = *outputs = (int*)Constant("\0\0\0\0"u8);
        return 1;
    }

    [UnmanagedCallersOnly]
    static void ReleaseInplace(int* inputs, int* outputs)
    {
        // A constant.
    }

    /// <summary>The address of a literal, which lies in the program's image and never moves.</summary>
    static byte* Constant(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));

    /// <summary>What ONNX Runtime reads of an operator, and behind it whose it is.</summary>
    struct Record
    {
        public OrtCustomOp Op;
        public nint Owner;
    }
}
