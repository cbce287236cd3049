using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>The compressed picture in a file's pixel data: the fragments of one frame, joined (PS3.5, A.4).</summary>
readonly ref struct DicomPixelData
{
    readonly byte[]? _joined;

    DicomPixelData(ReadOnlySpan<byte> stream, byte[]? joined)
    {
        Stream = stream;
        _joined = joined;
    }

    /// <summary>The picture's bytes; valid until this is disposed.</summary>
    public ReadOnlySpan<byte> Stream { get; }

    /// <summary>Whether pixel data hold items: fragments of a compressed picture.</summary>
    public static bool HasItems(ReadOnlySpan<byte> value) => value.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF, 0x00, 0xE0]);

    /// <summary>
    /// Finds the fragments. The first item says where frames begin, is wrong at times, and is not needed for one frame. A fragment may be
    /// empty, of any length, and end anywhere.
    /// </summary>
    /// <param name="value">From the first item on; the end may be missing.</param>
    /// <param name="isMeasured">Whether the file says how long it is, which it may not, so that no mark of the end is missed.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">Asked for memory where fragments have to be joined.</param>
    /// <param name="warnings">Told of a missing end.</param>
    /// <exception cref="SeverityException">Fragments that are cut short, or none.</exception>
    public static DicomPixelData Read(ReadOnlySpan<byte> value, bool isMeasured, string name, ImageLimits limits,
        List<string> warnings)
    {
        const uint Item = 0xE000_FFFE, End = 0xE0DD_FFFE; // as they stand, the lower half first
        ReadOnlySpan<byte> only = [];
        byte[]? joined = null;
        int fragments = -1, length = 0;
        bool isComplete = isMeasured;
        try
        {
            while (value.Length >= 8)
            {
                uint tag = BinaryPrimitives.ReadUInt32LittleEndian(value), bytes = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]);
                value = value[8..];
                if (tag == End)
                {
                    isComplete = true;
                    break;
                }
                if (tag != Item)
                    throw ImageChecks.Corrupt(name, "what stands between the fragments of its pixel data is none");
                if (bytes > value.Length)
                    throw ImageChecks.Truncated(name, $"a fragment of its pixel data has {bytes} bytes, and {value.Length} follow");
                ReadOnlySpan<byte> fragment = value[..(int)bytes];
                value = value[(int)bytes..];
                if (++fragments == 0)
                    continue;
                if (fragments == 1)
                {
                    only = fragment;
                    length = fragment.Length;
                    continue;
                }
                if (joined is null)
                {
                    // All that is left is more than all fragments.
                    limits.Gate?.TakePicture(length + fragment.Length + value.Length);
                    joined = FilePool.Rent(length + fragment.Length + value.Length);
                    only.CopyTo(joined);
                }
                fragment.CopyTo(joined.AsSpan(length));
                length += fragment.Length;
            }
            if (length == 0)
                throw ImageChecks.Truncated(name, "its pixel data hold no picture");
            if (!isComplete)
                warnings.Add($"{name}: the end of its pixel data is not marked");
            return new DicomPixelData(joined is null ? only : joined.AsSpan(0, length), joined);
        }
        catch
        {
            if (joined is not null)
                FilePool.Return(joined);
            throw;
        }
    }

    public void Dispose()
    {
        if (_joined is not null)
            FilePool.Return(_joined);
    }
}
