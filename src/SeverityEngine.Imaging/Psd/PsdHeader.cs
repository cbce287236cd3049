using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Psd;

/// <summary>How a PSD's color modes are numbered, of those that are read.</summary>
enum PsdMode
{
    Gray = 1,
    Indexed = 2,
    Rgb = 3,
}

/// <summary>A PSD's sections up to its merged picture (Adobe Photoshop File Formats Specification, 2019).</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">How many channels the picture has, with saved selections and transparency.</param>
/// <param name="Bits">Bits a sample: 8 or 16.</param>
/// <param name="Mode">What the channels are.</param>
/// <param name="ColorsAt">Where the color table of an indexed picture begins: 256 reds, then greens and blues.</param>
/// <param name="DataAt">Where the merged picture begins.</param>
readonly record struct PsdHeader(int Width, int Height, int Channels, int Bits, PsdMode Mode, int ColorsAt, int DataAt)
{
    public const int ColorTableBytes = 3 * 256;

    const int Bytes = 26, VersionInfo = 1057;

    /// <summary>Whether there are channels beside those of its colors: transparency or saved selections.</summary>
    public bool HasFurtherChannels => Channels > (Mode == PsdMode.Rgb ? 3 : 1);

    public int RowBytes => Width * (Bits / 8);

    public static PsdHeader Read(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        ImageChecks.Holds(file.Length, Bytes, name);
        int version = BinaryPrimitives.ReadUInt16BigEndian(file[4..]), channels = BinaryPrimitives.ReadUInt16BigEndian(file[12..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(file[14..]), width = BinaryPrimitives.ReadUInt32BigEndian(file[18..]);
        int bits = BinaryPrimitives.ReadUInt16BigEndian(file[22..]), mode = BinaryPrimitives.ReadUInt16BigEndian(file[24..]);
        if (version == 2)
            throw ImageChecks.Unsupported(name, "a PSB, the large form of PSD, which is not read");
        if (version != 1 || channels is < 1 or > 56)
            throw ImageChecks.Corrupt(name, $"its PSD header names version {version} and {channels} channels");
        ImageChecks.Dimensions(width, height, name, limits);
        if (!((PsdMode)mode is PsdMode.Gray or PsdMode.Rgb && bits is 8 or 16 || (PsdMode)mode == PsdMode.Indexed && bits == 8))
        {
            throw ImageChecks.Unsupported(name,
                $"a PSD of color mode {mode} with {bits} bits, which is not read (only gray and RGB with 8 or 16, and indexed)");
        }
        if ((PsdMode)mode == PsdMode.Rgb && channels < 3)
            throw ImageChecks.Corrupt(name, $"its PSD header names RGB with {channels} channels");

        int at = Bytes;
        ReadOnlySpan<byte> colors = Section(file, ref at, name);
        int colorsAt = at - colors.Length;
        if ((PsdMode)mode == PsdMode.Indexed && colors.Length != ColorTableBytes)
            throw ImageChecks.Corrupt(name, $"its color table has {colors.Length} bytes in place of {ColorTableBytes}");
        CheckResources(Section(file, ref at, name), name);
        Section(file, ref at, name); // layers and masks
        return new PsdHeader((int)width, (int)height, channels, bits, (PsdMode)mode, colorsAt, at);
    }

    static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> file, ref int at, string name)
    {
        ImageChecks.Holds(file.Length - at, 4, name);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
        ImageChecks.Holds(file.Length - at - 4, length, name);
        at += 4 + (int)length;
        return file.Slice(at - (int)length, (int)length);
    }

    /// <summary>Walks the image resources, and refuses a file that says that its merged picture is none.</summary>
    static void CheckResources(ReadOnlySpan<byte> resources, string name)
    {
        while (resources.Length > 0)
        {
            // A mark, a number, a name of even length with its own, a length, and data with a byte more where they are odd.
            int nameBytes = resources.Length < 7 ? 0 : (resources[6] + 2) & ~1;
            int dataAt = 6 + nameBytes + 4;
            uint length = resources.Length < dataAt || nameBytes == 0 ? uint.MaxValue
                : BinaryPrimitives.ReadUInt32BigEndian(resources[(dataAt - 4)..]);
            if (length > resources.Length - dataAt)
                throw ImageChecks.Corrupt(name, "its image resources are longer than their section");
            ReadOnlySpan<byte> data = resources.Slice(dataAt, (int)length);
            // Its version, then whether there is a merged picture.
            if (BinaryPrimitives.ReadUInt16BigEndian(resources[4..]) == VersionInfo && data.Length > 4 && data[4] == 0)
            {
                throw new SeverityException(SeverityError.ImageFormatUnsupported,
                    $"{name}: a PSD without its merged picture (saved without Maximize Compatibility), which is not read; "
                    + "save it with Maximize Compatibility, or as PNG");
            }
            resources = resources[Math.Min(resources.Length, dataAt + (int)length + (int)(length & 1))..];
        }
    }
}
