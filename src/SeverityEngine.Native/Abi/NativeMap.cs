using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_map</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeMap : ISizedStruct
{
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
    public readonly SaliencyOptions Options() => NativeMaps.Options(Target, Method);

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

/// <summary>The maps that can be asked for.</summary>
static class NativeMaps
{
    // Made once: a request with options of its own would allocate in each call.
    static readonly SaliencyOptions[] s_options =
    [
        .. from target in (SaliencyTarget[])[SaliencyTarget.GeographicExtent, SaliencyTarget.Opacity]
           from method in (SaliencyMethod[])[SaliencyMethod.Gradient, SaliencyMethod.ClassActivation]
           select new SaliencyOptions { Target = target, Method = method },
    ];

    /// <summary>Refuses a picture over what the header does not name, and colors that end nowhere.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public static void CheckPicture(int overlay, double end)
    {
        if (overlay is not (0 or 1))
            throw Invalid($"a picture over {overlay}; use one of SEVERITY_OVERLAY_...");
        if (end != 0 && !((float)end > 0 && float.IsFinite((float)end)))
            throw Invalid($"a picture_end of {end}; give 0 for the usual look, or the value above 0 that its colors end at");
    }

    /// <summary>A score's map by a method, both by their numbers in the header.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public static SaliencyOptions Options(int target, int method)
    {
        foreach (SaliencyOptions options in s_options)
        {
            if ((int)options.Target == target && (int)options.Method == method)
                return options;
        }
        throw Invalid($"a map of score {target} by method {method}; use one of SEVERITY_TARGET_... and one of SEVERITY_METHOD_...");
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}
