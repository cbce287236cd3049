using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_map</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeMap : ISizedStruct
{
    // Made once: a request with options of its own would allocate in each call.
    static readonly SaliencyOptions[] s_options =
    [
        .. from target in (SaliencyTarget[])[SaliencyTarget.GeographicExtent, SaliencyTarget.Opacity]
           from method in (SaliencyMethod[])[SaliencyMethod.Gradient, SaliencyMethod.ClassActivation]
           select new SaliencyOptions { Target = target, Method = method },
    ];

    public uint Size;
    public int Target;
    public int Method;
    public int Reserved;
    public float* Values;
    public nuint Count;

    public static string Name => "severity_map";

    public static uint FirstSize => 32;

    /// <summary>What is asked for.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public readonly SaliencyOptions Options()
    {
        foreach (SaliencyOptions options in s_options)
        {
            if ((int)options.Target == Target && (int)options.Method == Method)
                return options;
        }
        throw Invalid($"a map of score {Target} by method {Method}; use one of SEVERITY_TARGET_... and one of SEVERITY_METHOD_...");
    }

    /// <summary>Where the map goes.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public readonly Span<float> Destination(int inputSize)
    {
        if (Values is null)
            throw Invalid("the map's values are NULL");
        if (Reserved != 0)
            throw Invalid($"the reserved field of {Name} is {Reserved}; it must be 0");
        int needed = inputSize * inputSize;
        if (Count != (nuint)needed)
            throw Invalid($"the map has room for {Count} values; this model's has {inputSize} x {inputSize}, {needed}");
        return new Span<float>(Values, needed);
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}
