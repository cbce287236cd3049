using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SeverityEngine.Kernels;

/// <summary>
/// The part of ONNX Runtime's C interface that a custom operator needs and the .NET binding does not open. It is a table of functions;
/// places in it never change, and <see cref="Version"/> is the first that has all of these.
/// </summary>
readonly unsafe struct OrtApi
{
    /// <summary>ONNX Runtime 1.24, which brought shapes that are read without a copy.</summary>
    public const uint Version = 24;

    /// <summary><c>ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED</c>; of an operator's input or output, any type.</summary>
    public const int AnyType = 0;

    /// <summary><c>ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT</c>.</summary>
    public const int Float = 1;

    /// <summary><c>ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8</c>.</summary>
    public const int Byte = 2;

    /// <summary><c>ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64</c>.</summary>
    public const int Long = 7;

    const int Fail = 1; // ORT_FAIL

    /// <summary>What gives <c>OrtApiBase</c>: the functions <c>GetApi</c> and <c>GetVersionString</c>.</summary>
    const string Origin = "OrtGetApiBase";

    readonly nint* _table;

    OrtApi(nint* table) => _table = table;

    /// <summary>The library's version, for which it needs no environment.</summary>
    /// <param name="library">ONNX Runtime's handle.</param>
    /// <exception cref="EntryPointNotFoundException">It is another library.</exception>
    public static string VersionOf(nint library)
    {
        nint* origin = ((delegate* unmanaged<nint*>)NativeLibrary.GetExport(library, Origin))();
        return Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)origin[1])()) ?? "";
    }

    /// <summary>Finds the table; false where the library has none of this version.</summary>
    /// <param name="library">ONNX Runtime's handle.</param>
    /// <param name="api">The table.</param>
    public static bool TryGet(nint library, out OrtApi api)
    {
        api = default;
        if (!NativeLibrary.TryGetExport(library, Origin, out nint getBase))
            return false;
        nint* origin = ((delegate* unmanaged<nint*>)getBase)();
        api = new OrtApi((nint*)((delegate* unmanaged<uint, nint>)origin[0])(Version));
        return api._table is not null;
    }

    /// <summary>A failure for ONNX Runtime to report; it takes it over.</summary>
    public nint Failure(string message)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(message);
        nint status = ((delegate* unmanaged<int, nint, nint>)_table[(int)Place.CreateStatus])(Fail, text);
        Marshal.FreeCoTaskMem(text);
        return status;
    }

    public nint CreateCustomOpDomain(ReadOnlySpan<byte> name)
    {
        nint domain;
        fixed (byte* text = name)
            Check(((delegate* unmanaged<byte*, nint*, nint>)_table[(int)Place.CreateCustomOpDomain])(text, &domain));
        return domain;
    }

    public void AddToDomain(nint domain, OrtCustomOp* op) =>
        Check(((delegate* unmanaged<nint, OrtCustomOp*, nint>)_table[(int)Place.CustomOpDomain_Add])(domain, op));

    public void AddDomain(nint sessionOptions, nint domain) =>
        Check(((delegate* unmanaged<nint, nint, nint>)_table[(int)Place.AddCustomOpDomain])(sessionOptions, domain));

    public void ReleaseDomain(nint domain) => ((delegate* unmanaged<nint, void>)_table[(int)Place.ReleaseCustomOpDomain])(domain);

    /// <summary>An input of a kernel as a constant of the model; 0 where it is none. It belongs to ONNX Runtime.</summary>
    public nint ConstantInput(nint kernelInfo, nuint index)
    {
        int isConstant;
        nint value;
        Check(((delegate* unmanaged<nint, nuint, int*, nint*, nint>)_table[(int)Place.KernelInfoGetConstantInput_tensor])(
            kernelInfo, index, &isConstant, &value));
        return isConstant != 0 ? value : 0;
    }

    /// <summary>
    /// The shape that an input of a kernel will have, -1 where it is not known; false where its rank is another or not known.
    /// </summary>
    public bool TryGetInputShape(nint kernelInfo, nuint index, Span<long> shape)
    {
        nint type, info; // the second is a part of the first
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)_table[(int)Place.KernelInfo_GetInputTypeInfo])(kernelInfo, index, &type));
        try
        {
            Check(((delegate* unmanaged<nint, nint*, nint>)_table[(int)Place.CastTypeInfoToTensorInfo])(type, &info));
            return info != 0 && TryRead(info, shape);
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)_table[(int)Place.ReleaseTypeInfo])(type);
        }
    }

    public nint Input(nint context, nuint index)
    {
        nint value;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)_table[(int)Place.KernelContext_GetInput])(context, index, &value));
        return value;
    }

    public nint Output(nint context, nuint index, ReadOnlySpan<long> shape)
    {
        nint value;
        fixed (long* lengths = shape)
        {
            Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)_table[(int)Place.KernelContext_GetOutput])(
                context, index, lengths, (nuint)shape.Length, &value));
        }
        return value;
    }

    public void* Data(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)_table[(int)Place.GetTensorMutableData])(value, &data));
        return data;
    }

    /// <summary>
    /// The first output with what is in an input of its shape: the runtime has given it the input's place, or it is copied.
    /// </summary>
    public void* InPlace(nint context, nint input, ReadOnlySpan<long> shape, int elementSize)
    {
        void* from = Data(input), to = Data(Output(context, 0, shape));
        if (from != to)
        {
            long bytes = elementSize;
            foreach (long length in shape)
                bytes = checked(bytes * length);
            Buffer.MemoryCopy(from, to, bytes, bytes);
        }
        return to;
    }

    /// <summary>A tensor's shape and the type of its elements; false where it has another rank.</summary>
    public bool TryGetShape(nint value, Span<long> shape, out int type)
    {
        int elements;
        long* lengths; // the tensor's own
        nuint rank;
        Check(((delegate* unmanaged<nint, int*, long**, nuint*, nint>)_table[(int)Place.GetTensorElementTypeAndShapeDataReference])(
            value, &elements, &lengths, &rank));
        type = elements;
        return (int)rank == shape.Length && new ReadOnlySpan<long>(lengths, (int)rank).TryCopyTo(shape);
    }

    /// <summary>Says in shape inference that a node's output has its first input's shape; nothing where that is not known.</summary>
    public void InferSameShape(nint inference)
    {
        nint info; // the runtime's own
        nuint rank;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)_table[(int)Place.ShapeInferContext_GetInputTypeShape])(inference, 0, &info));
        Check(((delegate* unmanaged<nint, nuint*, nint>)_table[(int)Place.GetDimensionsCount])(info, &rank));
        nint setShape = _table[(int)Place.ShapeInferContext_SetOutputTypeShape];
        if (rank > 0)
            Check(((delegate* unmanaged<nint, nuint, nint, nint>)setShape)(inference, 0, info));
    }

    /// <summary>Calls a function for each number below a count, on the session's threads; returns when all calls have.</summary>
    public void ParallelFor(nint context, delegate* unmanaged<void*, nuint, void> function, int count, void* data)
    {
        nint parallelFor = _table[(int)Place.KernelContext_ParallelFor];
        Check(((delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint>)parallelFor)(
            context, function, (nuint)count, 0, data));
    }

    bool TryRead(nint info, Span<long> shape)
    {
        nuint rank;
        Check(((delegate* unmanaged<nint, nuint*, nint>)_table[(int)Place.GetDimensionsCount])(info, &rank));
        if ((int)rank != shape.Length)
            return false;
        fixed (long* lengths = shape)
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)_table[(int)Place.GetDimensions])(info, lengths, rank));
        return true;
    }

    void Check(nint status)
    {
        if (status != 0)
            Throw(status);
    }

    [DoesNotReturn]
    void Throw(nint status)
    {
        string message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_table[(int)Place.GetErrorMessage])(status)) ?? "";
        ((delegate* unmanaged<nint, void>)_table[(int)Place.ReleaseStatus])(status);
        throw new InvalidOperationException(message);
    }

    /// <summary>Where a function stands in <c>OrtApi</c>, by its name there.</summary>
    internal enum Place
    {
        CreateStatus = 0,
        GetErrorMessage = 2,
        CreateCustomOpDomain = 26,
        CustomOpDomain_Add = 27,
        AddCustomOpDomain = 28,
        GetTensorMutableData = 51,
        CastTypeInfoToTensorInfo = 55,
        GetDimensionsCount = 61,
        GetDimensions = 62,
        KernelContext_GetInput = 90,
        KernelContext_GetOutput = 91,
        ReleaseStatus = 93,
        ReleaseTypeInfo = 98,
        ReleaseCustomOpDomain = 101,
        KernelInfo_GetInputTypeInfo = 234,
        KernelInfoGetConstantInput_tensor = 249,
        ShapeInferContext_GetInputTypeShape = 268,
        ShapeInferContext_SetOutputTypeShape = 270,
        KernelContext_ParallelFor = 274,
        GetTensorElementTypeAndShapeDataReference = 414,
    }
}

/// <summary>
/// What ONNX Runtime asks of a custom operator: <c>OrtCustomOp</c> of its C interface, as of version 18, field by field. Its version keeps
/// the runtime from reading what later versions added.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct OrtCustomOp
{
    public uint Version;
    public nint CreateKernel;
    public delegate* unmanaged<OrtCustomOp*, byte*> GetName;
    public delegate* unmanaged<OrtCustomOp*, byte*> GetExecutionProviderType;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetInputType;
    public delegate* unmanaged<OrtCustomOp*, nuint> GetInputTypeCount;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetOutputType;
    public delegate* unmanaged<OrtCustomOp*, nuint> GetOutputTypeCount;
    public nint KernelCompute;
    public delegate* unmanaged<nint, void> KernelDestroy;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetInputCharacteristic;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetOutputCharacteristic;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetInputMemoryType;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicInputMinArity;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicInputHomogeneity;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicOutputMinArity;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicOutputHomogeneity;
    public delegate* unmanaged<OrtCustomOp*, nint*, nint, nint*, nint> CreateKernelV2;
    public delegate* unmanaged<nint, nint, nint> KernelComputeV2;
    public delegate* unmanaged<OrtCustomOp*, nint, nint> InferOutputShapeFn;
    public nint GetStartVersion;
    public nint GetEndVersion;
    public delegate* unmanaged<int**, int**, nuint> GetMayInplace;
    public delegate* unmanaged<int*, int*, void> ReleaseMayInplace;
    public nint GetAliasMap;
    public nint ReleaseAliasMap;
}
