using System.Runtime.InteropServices;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Codecs;

/// <summary>What the header of a compressed picture says that stands in another file, as DICOM's pixel data do.</summary>
/// <param name="Width">Pixels a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Components">Samples a pixel: 1 gray, 3 color.</param>
/// <param name="Precision">Bits a sample, 1 to 16. The file around it may say that fewer or more of them count.</param>
/// <param name="IsSigned">Whether samples are two's complements.</param>
sealed record CodecHeader(int Width, int Height, int Components, int Precision, bool IsSigned)
{
    /// <summary>The memory of the decoded samples, 16 bits each.</summary>
    public long SampleBytes => (long)Width * Height * Components * sizeof(ushort);
}

/// <summary>A decoded picture of a <see cref="CodecHeader"/>'s form, before the file around it says what its samples mean.</summary>
sealed class CodecFrame : IDisposable
{
    readonly byte[]?[] _planes;

    /// <summary>Takes memory for the samples; their values are whatever was there.</summary>
    public CodecFrame(CodecHeader header)
    {
        Header = header;
        _planes = new byte[header.Components][];
        for (int i = 0; i < _planes.Length; i++)
            _planes[i] = FilePool.Rent(header.Width * header.Height * sizeof(ushort));
    }

    public CodecHeader Header { get; }

    /// <summary>What was odd but did no harm to the picture.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>
    /// A component's samples, row by row from the top. A signed sample stands as a <see cref="short"/> with the same bits: negative values
    /// have all their high bits set, whatever the precision.
    /// </summary>
    public Span<ushort> Plane(int component)
    {
        byte[]? plane = _planes[component];
        ObjectDisposedException.ThrowIf(plane is null, this);
        return MemoryMarshal.Cast<byte, ushort>(plane.AsSpan(0, Header.Width * Header.Height * sizeof(ushort)));
    }

    public void Dispose()
    {
        for (int i = 0; i < _planes.Length; i++)
        {
            if (_planes[i] is { } plane)
                FilePool.Return(plane);
            _planes[i] = null;
        }
    }
}
