using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>The fields of a TIFF's directory that are looked at, by their numbers (TIFF 6.0, appendix A).</summary>
enum TiffTag
{
    NewSubfileType = 254,
    ImageWidth = 256,
    ImageLength = 257,
    BitsPerSample = 258,
    Compression = 259,
    Photometric = 262,
    FillOrder = 266,
    StripOffsets = 273,
    Orientation = 274,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    PlanarConfiguration = 284,
    Predictor = 317,
    ColorMap = 320,
    TileWidth = 322,
    TileLength = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    SampleFormat = 339,
    JpegTables = 347,
}

/// <summary>A field's values, all of which lie in the file.</summary>
/// <param name="Type">How a value is written.</param>
/// <param name="Count">How many there are.</param>
/// <param name="At">Where the first stands.</param>
readonly record struct TiffField(int Type, int Count, int At);

/// <summary>One of a TIFF's directories: a page, or a smaller copy of one.</summary>
sealed class TiffDirectory
{
    /// <summary>More than any writer makes, and few enough that directories which overlap cost no time.</summary>
    const int MostDirectories = 4096, MostFields = 4096;

    const int ReducedOrMask = 1 | 4;

    readonly Dictionary<TiffTag, TiffField> _fields = [];

    TiffDirectory()
    {
    }

    /// <summary>Finds the first page: smaller copies and masks are none. All directories are walked.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="pages">How many pages there are.</param>
    /// <exception cref="SeverityException">Directories that are cut short or damaged, or no page.</exception>
    public static TiffDirectory ReadFirstPage(TiffBytes bytes, out int pages)
    {
        TiffDirectory? first = null;
        HashSet<long> seen = [];
        pages = 0;
        for (long at = bytes.FirstDirectory; at != 0;)
        {
            if (!seen.Add(at))
                throw ImageChecks.Corrupt(bytes.Name, $"its directory at byte {at} follows itself");
            if (seen.Count > MostDirectories)
                throw ImageChecks.Unsupported(bytes.Name, $"a TIFF of more than {MostDirectories} directories, which is not read");
            TiffDirectory directory = new();
            at = directory.Read(bytes, at);
            if ((directory.Number(bytes, TiffTag.NewSubfileType, 0) & ReducedOrMask) != 0)
                continue;
            first ??= directory;
            pages++;
        }
        if (seen.Count == 0)
            throw ImageChecks.Corrupt(bytes.Name, "it has no directory");
        return first ?? throw ImageChecks.Unsupported(bytes.Name,
            "a TIFF that shows only small copies of its picture, as cameras' raw files do, which is not read");
    }

    /// <summary>A field; null where there is none.</summary>
    public TiffField? Find(TiffTag tag) => _fields.TryGetValue(tag, out TiffField field) ? field : null;

    /// <summary>A field of one whole number.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="tag">Which field.</param>
    /// <param name="otherwise">Its value where there is none; null where it must be there.</param>
    /// <exception cref="SeverityException">It is missing, or has several values.</exception>
    public long Number(TiffBytes bytes, TiffTag tag, long? otherwise = null)
    {
        if (Find(tag) is not { } field)
            return otherwise ?? throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} is missing");
        if (field.Count != 1)
            throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} has {field.Count} values in place of 1");
        return Number(bytes, tag, field, 0);
    }

    /// <summary>One of a field's whole numbers.</summary>
    /// <exception cref="SeverityException">They are no whole numbers.</exception>
    public static long Number(TiffBytes bytes, TiffTag tag, TiffField field, int index)
    {
        if (field.Type is not (1 or 3 or 4 or 16))
            throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} is of type {field.Type}, not a whole number");
        int size = Bytes(field.Type);
        return bytes.Number(field.At + (long)index * size, size);
    }

    /// <summary>Bytes of a value; 0 for a type that is not known.</summary>
    static int Bytes(long type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,
    };

    /// <returns>Where the next directory stands; 0 for none.</returns>
    long Read(TiffBytes bytes, long at)
    {
        int countBytes = bytes.IsBig ? 8 : 2, fieldBytes = bytes.IsBig ? 20 : 12, length = bytes.File.Length;
        if (at > length - countBytes)
            throw ImageChecks.Truncated(bytes.Name, $"its directory stands at byte {at} of {length}");
        long count = bytes.Number(at, countBytes);
        if (count is 0 or > MostFields)
            throw ImageChecks.Corrupt(bytes.Name, $"its directory at byte {at} has {count} fields, and 1 to {MostFields} are possible");
        at += countBytes;
        if (at + count * fieldBytes + bytes.OffsetBytes > length)
            throw ImageChecks.Truncated(bytes.Name, $"its directory has {count} fields, and ends after {(length - at) / fieldBytes}");
        for (int i = 0; i < count; i++, at += fieldBytes)
            ReadField(bytes, at);
        return bytes.Number(at, bytes.OffsetBytes);
    }

    void ReadField(TiffBytes bytes, long at)
    {
        TiffTag tag = (TiffTag)bytes.Number(at, 2);
        long type = bytes.Number(at + 2, 2), count = bytes.Number(at + 4, bytes.OffsetBytes);
        long valueAt = at + 4 + bytes.OffsetBytes, size = Bytes(type);
        // A file that was cut often lacks values of fields that nobody needs; they tell that it was.
        if (size > 0 && count > bytes.File.Length / size)
            throw ImageChecks.Truncated(bytes.Name, $"its field {tag} has {count} values, more than the file has room for");
        if (count * size > bytes.OffsetBytes)
            valueAt = bytes.Number(valueAt, bytes.OffsetBytes);
        if (valueAt > bytes.File.Length - count * size)
            throw ImageChecks.Truncated(bytes.Name, $"its field {tag} stands at byte {valueAt} of {bytes.File.Length}");
        if (!Enum.IsDefined(tag))
            return;
        if (size == 0)
            throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} is of type {type}, which there is not");
        if (!_fields.TryAdd(tag, new TiffField((int)type, (int)count, (int)valueAt)))
            throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} is there twice");
    }
}
