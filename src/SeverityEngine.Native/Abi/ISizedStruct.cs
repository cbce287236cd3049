namespace SeverityEngine.Native.Abi;

/// <summary>A structure of the ABI: it begins with its size in bytes, as the caller's header has it, and grows only at its end.</summary>
interface ISizedStruct
{
    /// <summary>Its name in the header.</summary>
    static abstract string Name { get; }

    /// <summary>Its size in the first version of the ABI: what every caller's has at least.</summary>
    static abstract uint FirstSize { get; }
}
