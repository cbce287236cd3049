using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>The compressed picture of one frame in a file's pixel data: its fragments, joined (PS3.5, A.4).</summary>
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
    /// Finds a frame's fragments. A fragment may be empty, of any length, and end anywhere. The first item says where frames begin, is
    /// wrong at times, and is not needed: all fragments are those of the one frame, or each is a frame, or frames begin where pictures do.
    /// </summary>
    /// <param name="value">From the first item on; the end may be missing.</param>
    /// <param name="isMeasured">Whether the file says how long it is, which it may not, so that no mark of the end is missed.</param>
    /// <param name="frames">How many frames the header says that there are; 1 at least.</param>
    /// <param name="frame">Which is wanted, from 1.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">Asked for memory where fragments have to be joined.</param>
    /// <param name="warnings">Told of a missing end.</param>
    /// <exception cref="SeverityException">Fragments that are cut short, or none, or not those of so many frames.</exception>
    public static DicomPixelData Read(ReadOnlySpan<byte> value, bool isMeasured, int frames, int frame, string name, ImageLimits limits,
        List<string> warnings)
    {
        bool isEach = false;
        if (frames > 1)
        {
            int fragments = 0, pictures = 0;
            for (Walk walk = new(value, name); walk.Next();)
            {
                fragments++;
                pictures += BeginsPicture(walk.Fragment) ? 1 : 0;
            }
            isEach = fragments == frames;
            if (!isEach && pictures != frames)
            {
                throw ImageChecks.Corrupt(name,
                    $"its {fragments} fragments of pixel data are not those of its number of frames (0028,0008)");
            }
        }
        ReadOnlySpan<byte> only = [];
        byte[]? joined = null;
        int length = 0, at = 0;
        try
        {
            Walk walk = new(value, name);
            while (walk.Next())
            {
                at += frames > 1 && (isEach || BeginsPicture(walk.Fragment)) ? 1 : 0;
                if (frames > 1 && at != frame || walk.Fragment.IsEmpty)
                    continue;
                if (length == 0)
                {
                    only = walk.Fragment;
                    length = only.Length;
                    continue;
                }
                if (joined is null)
                {
                    // All that is left is more than all fragments.
                    int most = length + walk.Fragment.Length + walk.Rest.Length;
                    limits.Gate?.TakePicture(most);
                    joined = FilePool.Rent(most);
                    only.CopyTo(joined);
                }
                walk.Fragment.CopyTo(joined.AsSpan(length));
                length += walk.Fragment.Length;
            }
            if (length == 0)
                throw ImageChecks.Truncated(name, "its pixel data hold no picture");
            if (!isMeasured && !walk.HasEnd)
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

    /// <summary>Whether a fragment is the first of a picture: of JPEG, all kinds, JPEG 2000, or boxes that hold one.</summary>
    static bool BeginsPicture(ReadOnlySpan<byte> fragment) => fragment.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || fragment.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) || fragment.StartsWith("\0\0\0\u000CjP  "u8);

    /// <summary>The fragments, one after the other; not the first item.</summary>
    ref struct Walk(ReadOnlySpan<byte> value, string name)
    {
        bool _isPastFirst;

        /// <summary>What follows the fragment.</summary>
        public ReadOnlySpan<byte> Rest { get; private set; } = value;

        public ReadOnlySpan<byte> Fragment { get; private set; }

        /// <summary>Whether the mark of the end was found.</summary>
        public bool HasEnd { get; private set; }

        public bool Next()
        {
            const uint Item = 0xE000_FFFE, End = 0xE0DD_FFFE; // as they stand, the lower half first
            while (Rest.Length >= 8)
            {
                uint tag = BinaryPrimitives.ReadUInt32LittleEndian(Rest), bytes = BinaryPrimitives.ReadUInt32LittleEndian(Rest[4..]);
                Rest = Rest[8..];
                if (tag == End)
                {
                    HasEnd = true;
                    return false;
                }
                if (tag != Item)
                    throw ImageChecks.Corrupt(name, "what stands between the fragments of its pixel data is none");
                if (bytes > Rest.Length)
                    throw ImageChecks.Truncated(name, $"a fragment of its pixel data has {bytes} bytes, and {Rest.Length} follow");
                Fragment = Rest[..(int)bytes];
                Rest = Rest[(int)bytes..];
                if (_isPastFirst)
                    return true;
                _isPastFirst = true;
            }
            return false;
        }
    }
}
