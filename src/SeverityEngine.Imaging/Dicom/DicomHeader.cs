using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>What a data set says of its picture. Texts are trimmed and in capitals; a number is null where the file has none.</summary>
sealed class DicomHeader
{
    const int MostUidBytes = 64;

    public string SopClass { get; private set; } = "";

    public string Modality { get; private set; } = "";

    public string PresentationIntent { get; private set; } = "";

    public string BodyPart { get; private set; } = "";

    public string ViewPosition { get; private set; } = "";

    /// <summary>The code of the first item of View Code Sequence.</summary>
    public string ViewCode { get; private set; } = "";

    public string PatientOrientation { get; private set; } = "";

    public int? SamplesPerPixel { get; private set; }

    public string Photometric { get; private set; } = "";

    /// <summary>Whether 0 is white.</summary>
    public bool IsInverted => Photometric == "MONOCHROME1";

    public int? PlanarConfiguration { get; private set; }

    public int? Frames { get; private set; }

    public int? Rows { get; private set; }

    public int? Columns { get; private set; }

    public int? BitsAllocated { get; private set; }

    /// <summary>Of a header that <see cref="DicomChecks.Require"/> has let pass, pixels a row.</summary>
    public int Width => Columns ?? 0;

    /// <summary>Rows, likewise.</summary>
    public int Height => Rows ?? 0;

    /// <summary>Bytes of a sample, likewise: 1 or 2.</summary>
    public int SampleBytes => (BitsAllocated ?? 0) / 8;

    /// <summary>Samples of a pixel: 1 where nothing is said.</summary>
    public int Samples => SamplesPerPixel ?? 1;

    public int? BitsStored { get; private set; }

    public int? HighBit { get; private set; }

    public bool IsSigned { get; private set; }

    public bool HasPadding { get; private set; }

    public bool IsBurnedIn { get; private set; }

    public bool IsLossy { get; private set; }

    /// <summary>Whether pixels are wider than high, or the other way, on the patient.</summary>
    public bool IsNotSquare { get; private set; }

    /// <summary>How stored values become those of the modality, with <see cref="RescaleIntercept"/>.</summary>
    public double? RescaleSlope { get; private set; }

    public double? RescaleIntercept { get; private set; }

    /// <summary>The middle of the first window, with <see cref="WindowWidth"/>.</summary>
    public double? WindowCenter { get; private set; }

    public double? WindowWidth { get; private set; }

    /// <summary>What a window does within its width: LINEAR where nothing is said.</summary>
    public string WindowFunction { get; private set; } = "LINEAR";

    /// <summary>The sequence of tables in place of rescaling; null for none.</summary>
    public DicomElement? ModalityTables { get; private set; }

    /// <summary>The sequence of tables in place of a window; null for none.</summary>
    public DicomElement? WindowTables { get; private set; }

    public DicomUids Uids { get; private set; } = new(null, null, null);

    public string LutShape { get; private set; } = "";

    /// <summary>The pixel data; null where there are none.</summary>
    public DicomElement? Pixels { get; private set; }

    /// <summary>Reads a data set up to its pixels.</summary>
    /// <exception cref="SeverityException">A data set that is cut short or nests too deep.</exception>
    public static DicomHeader Read(ReadOnlySpan<byte> data, int at, DicomSyntax syntax, string name)
    {
        DicomHeader header = new();
        DicomElements elements = new(data, at, syntax, name);
        while (header.Pixels is null && elements.Next(out DicomElement element))
        {
            if (element.Tag == DicomTags.PixelData)
                header.Pixels = element;
            else if (element.Tag == DicomTags.ViewCodes)
                header.ViewCode = Word(DicomElements.InFirstItem(data, element, DicomTags.CodeValue, syntax, name));
            else
                header.Take(element, data.Slice(element.At, (int)element.Length), syntax.IsBigEndian);
        }
        return header;
    }

    void Take(DicomElement element, ReadOnlySpan<byte> value, bool isBigEndian)
    {
        switch (element.Tag)
        {
            case DicomTags.SopClass: SopClass = Word(value); break;
            case DicomTags.Modality: Modality = Word(value); break;
            case DicomTags.PresentationIntent: PresentationIntent = Word(value); break;
            case DicomTags.BodyPart: BodyPart = Word(value); break;
            case DicomTags.ViewPosition: ViewPosition = Word(value); break;
            case DicomTags.PatientOrientation: PatientOrientation = Word(value); break;
            case DicomTags.Photometric: Photometric = Word(value); break;
            case DicomTags.LutShape: LutShape = Word(value); break;
            case DicomTags.BurnedIn: IsBurnedIn = Word(value) == "YES"; break;
            case DicomTags.LossyCompression: IsLossy = Word(value) == "01"; break;
            case DicomTags.PixelPadding: HasPadding = !value.IsEmpty; break;
            case DicomTags.InstanceUid: Uids = Uids with { Instance = Uid(value) }; break;
            case DicomTags.StudyUid: Uids = Uids with { Study = Uid(value) }; break;
            case DicomTags.SeriesUid: Uids = Uids with { Series = Uid(value) }; break;
            case DicomTags.RescaleSlope: RescaleSlope = Decimal(value, 0); break;
            case DicomTags.RescaleIntercept: RescaleIntercept = Decimal(value, 0); break;
            case DicomTags.WindowCenter: WindowCenter = Decimal(value, 0); break;
            case DicomTags.WindowWidth: WindowWidth = Decimal(value, 0); break;
            case DicomTags.WindowFunction: WindowFunction = Word(value); break;
            case DicomTags.ModalityTables: ModalityTables = element; break;
            case DicomTags.WindowTables: WindowTables = element; break;
            case DicomTags.PixelSpacing or DicomTags.PixelAspect: IsNotSquare |= Differ(value); break;
            case DicomTags.SamplesPerPixel: SamplesPerPixel = Number(element, value, isBigEndian); break;
            case DicomTags.PlanarConfiguration: PlanarConfiguration = Number(element, value, isBigEndian); break;
            case DicomTags.Frames: Frames = TextNumber(value); break;
            case DicomTags.Rows: Rows = Number(element, value, isBigEndian); break;
            case DicomTags.Columns: Columns = Number(element, value, isBigEndian); break;
            case DicomTags.BitsAllocated: BitsAllocated = Number(element, value, isBigEndian); break;
            case DicomTags.BitsStored: BitsStored = Number(element, value, isBigEndian); break;
            case DicomTags.HighBit: HighBit = Number(element, value, isBigEndian); break;
            case DicomTags.PixelRepresentation: IsSigned = Number(element, value, isBigEndian) == 1; break;
        }
    }

    /// <summary>A text without the spaces and zeros around it; of several values all, joined as they are.</summary>
    public static string Word(ReadOnlySpan<byte> value) =>
        Encoding.Latin1.GetString(value[..Math.Min(value.Length, 64)]).Trim(' ', '\0').ToUpperInvariant();

    /// <summary>
    /// A number by the representation that the file gives it: text, or an integer's first two bytes, or all four. One that has more than
    /// the 16 bits of all that are asked for is none, and goes into no message.
    /// </summary>
    static int? Number(DicomElement element, ReadOnlySpan<byte> value, bool isBigEndian)
    {
        int? number = Stored(element, value, isBigEndian);
        return number is >= 0 and <= ushort.MaxValue ? number : null;
    }

    static int? Stored(DicomElement element, ReadOnlySpan<byte> value, bool isBigEndian) => element.Vr switch
    {
        'I' << 8 | 'S' or 'D' << 8 | 'S' => TextNumber(value),
        _ when value.Length < 2 => null,
        'U' << 8 | 'L' or 'S' << 8 | 'L' when value.Length >= 4 => isBigEndian
            ? BinaryPrimitives.ReadInt32BigEndian(value) : BinaryPrimitives.ReadInt32LittleEndian(value),
        _ => isBigEndian && element.Vr != ('U' << 8 | 'N')
            ? BinaryPrimitives.ReadUInt16BigEndian(value) : BinaryPrimitives.ReadUInt16LittleEndian(value),
    };

    static int? TextNumber(ReadOnlySpan<byte> value) =>
        int.TryParse(Word(value).Split('\\')[0].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number : null;

    /// <summary>
    /// One of the numbers of a text that has several, with a point or a comma; null for none, and for what is not finite.
    /// </summary>
    static double? Decimal(ReadOnlySpan<byte> value, int index)
    {
        string[] values = Word(value).Replace(',', '.').Split('\\');
        return index < values.Length && double.TryParse(values[index], CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) ? number : null;
    }

    static bool Differ(ReadOnlySpan<byte> pair) => Decimal(pair, 0) is { } one && Decimal(pair, 1) is { } other
        && Math.Abs(one - other) > 0.01 * Math.Max(Math.Abs(one), Math.Abs(other));

    /// <summary>A UID (PS3.5, 9.1): what is in another form may be anything, a name too, and is not given on.</summary>
    static string? Uid(ReadOnlySpan<byte> value) => value.Length <= MostUidBytes ? Uid(Word(value)) : null;

    /// <summary>A text that was trimmed, where it has the form of a UID; null for any other.</summary>
    public static string? Uid(string word) =>
        word.Length is > 0 and <= MostUidBytes && word.All(c => char.IsAsciiDigit(c) || c == '.') ? word : null;
}
