using System.Diagnostics;
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
        Describe(&_records[0], WinogradOperator.OpType, inputs: 2, outputs: 1, OrtApi.Float);
        Describe(&_records[1], DenseLayerOperator.OpType, inputs: 6, outputs: 1, OrtApi.Float, isInPlace: true);
        Describe(&_records[2], DenseClampOperator.OpType, inputs: 4, outputs: 2, OrtApi.Byte, isInPlace: true);
        Describe(&_records[3], DensePoolOperator.OpType, inputs: 4, outputs: 1, OrtApi.Byte);
        Describe(&_records[4], DenseRoomOperator.OpType, inputs: 2, outputs: 1, OrtApi.AnyType);
        _records[4].FurtherInputs = OrtApi.Long;
        try
        {
            _domain = api.CreateCustomOpDomain(Domain);
            for (int i = 0; i < Count; i++)
                api.AddToDomain(_domain, &_records[i].Op);
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

    /// <summary>The operators' domain as C has it.</summary>
    static ReadOnlySpan<byte> Domain => "severity\0"u8;

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
        foreach (ref readonly Record record in new ReadOnlySpan<Record>(_records, Count))
            Marshal.FreeCoTaskMem(record.Name);
        NativeMemory.Free(_records);
        _self.Free();
        Scratch.Dispose();
        Middles.Dispose();
    }

    /// <summary>Says what ONNX Runtime asks of an operator.</summary>
    /// <param name="record">Takes it.</param>
    /// <param name="type">The operator's name.</param>
    /// <param name="inputs">How many it has.</param>
    /// <param name="outputs">How many it has.</param>
    /// <param name="elements">The type of all of them.</param>
    /// <param name="isInPlace">
    /// Whether it writes behind the channels that it reads, and needs no copy of them. The runtime has to know that the shapes are one.
    /// </param>
    void Describe(Record* record, string type, int inputs, int outputs, int elements, bool isInPlace = false)
    {
        record->Owner = (nint)_self;
        record->Name = Marshal.StringToCoTaskMemUTF8(type);
        (record->Inputs, record->Outputs) = ((nuint)inputs, (nuint)outputs);
        record->Elements = record->FurtherInputs = elements;
        OrtCustomOp* op = &record->Op;
        op->Version = OrtApi.Version;
        op->GetName = &GetName;
        op->GetExecutionProviderType = &GetExecutionProviderType;
        op->GetInputType = &GetInputType;
        op->GetInputTypeCount = &GetInputCount;
        op->GetOutputType = &GetOutputType;
        op->GetOutputTypeCount = &GetOutputCount;
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
        if (!isInPlace)
            return;
        op->GetMayInplace = &GetFirstInplace;
        op->ReleaseMayInplace = &ReleaseInplace;
        op->InferOutputShapeFn = &InferSame;
    }

    OperatorNode Create(string type, nint kernelInfo) => type switch
    {
        WinogradOperator.OpType => new WinogradNode(this, kernelInfo),
        DenseLayerOperator.OpType => new DenseLayerNode(this, kernelInfo),
        DenseClampOperator.OpType => new DenseClampNode(this, kernelInfo),
        DensePoolOperator.OpType => new DensePoolNode(this, kernelInfo),
        DenseRoomOperator.OpType => new DenseRoomNode(this, kernelInfo),
        _ => throw new UnreachableException(),
    };

    [UnmanagedCallersOnly]
    static nint CreateKernel(OrtCustomOp* op, nint* api, nint kernelInfo, nint* kernel)
    {
        EngineOperators owner = OwnerOf(op);
        try
        {
            OperatorNode node = owner.Create(TypeOf(op), kernelInfo);
            owner.Scratch.Reserve(node.ScratchLength);
            *kernel = (nint)GCHandle.Alloc(node);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(owner, TypeOf(op), e);
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
            return Failure(owner, TypeOf(op), e);
        }
    }

    static EngineOperators OwnerOf(OrtCustomOp* op) => (EngineOperators)GCHandle.FromIntPtr(((Record*)op)->Owner).Target!;

    static string TypeOf(OrtCustomOp* op) => Marshal.PtrToStringUTF8(((Record*)op)->Name)!;

    static nint Failure(EngineOperators owner, string type, Exception e) =>
        owner.Api.Failure($"{type}: {Describe(e)}");

    static string Describe(Exception e) => e is OutOfMemoryException ? OnnxFaults.NoMemory : e.Message;

    [UnmanagedCallersOnly]
    static byte* GetName(OrtCustomOp* op) => (byte*)((Record*)op)->Name;

    [UnmanagedCallersOnly]
    static byte* GetExecutionProviderType(OrtCustomOp* op) => null; // the processor

    [UnmanagedCallersOnly]
    static int GetInputType(OrtCustomOp* op, nuint index) => index == 0 ? ((Record*)op)->Elements : ((Record*)op)->FurtherInputs;

    [UnmanagedCallersOnly]
    static int GetOutputType(OrtCustomOp* op, nuint index) => ((Record*)op)->Elements;

    [UnmanagedCallersOnly]
    static nuint GetInputCount(OrtCustomOp* op) => ((Record*)op)->Inputs;

    [UnmanagedCallersOnly]
    static nuint GetOutputCount(OrtCustomOp* op) => ((Record*)op)->Outputs;

    [UnmanagedCallersOnly]
    static int GetZero(OrtCustomOp* op, nuint index) => 0;

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

    /// <summary>What ONNX Runtime reads of an operator, and behind it whose it is and what it asks for by functions.</summary>
    struct Record
    {
        public OrtCustomOp Op;
        public nint Owner;

        /// <summary>The operator's name as C has it.</summary>
        public nint Name;

        public nuint Inputs, Outputs;

        /// <summary>The type of the first input and of the outputs.</summary>
        public int Elements;

        public int FurtherInputs;
    }
}
