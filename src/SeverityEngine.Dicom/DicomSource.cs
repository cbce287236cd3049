using System.Text;
using SeverityEngine.Dicom.Source;
using SeverityEngine.Dicom.Writing;
using SeverityEngine.Imaging.Dicom;

namespace SeverityEngine.Dicom;

/// <summary>
/// What results take from the DICOM file of an X-ray: who the patient is, the study that they join, and the image that they are of. The
/// values are the file's bytes; what breaks the rules of its value representation is left out.
/// </summary>
public sealed class DicomSource
{
    // The values of the attributes that are copied, where they are there and sound.
    readonly Dictionary<uint, byte[]> _values = [];
    readonly List<DataSet> _deidentificationCodes = [];
    readonly string _study, _series;
    CharacterSet _characters = CharacterSet.Find("");

    DicomSource(string name, string sha256, DicomHeader header, DicomOptions options)
    {
        Name = name;
        Sha256 = sha256;
        _study = header.Uids.Study ?? throw Lacks(name, "StudyInstanceUID (0020,000D)");
        _series = header.Uids.Series ?? throw Lacks(name, "SeriesInstanceUID (0020,000E)");
        SopInstance = header.Uids.Instance ?? throw Lacks(name, "SOPInstanceUID (0008,0018)");
        SopClass = DicomHeader.Uid(header.SopClass) ?? throw Lacks(name, "SOPClassUID (0008,0016)");
        Modality = header.Modality;
        IsLossy = header.IsLossy;
        Voi = options.Voi;
        Frame = header.Frames > 1 ? options.Frame : 0;
    }

    /// <summary>What messages call the file.</summary>
    public string Name { get; }

    /// <summary>The UIDs of study, series and image.</summary>
    public DicomUids Uids => new(_study, _series, SopInstance);

    internal string SopInstance { get; }

    internal string SopClass { get; }

    internal string Modality { get; }

    internal string Sha256 { get; }

    internal bool IsLossy { get; }

    /// <summary>The display settings that the scored pixels went through.</summary>
    internal DicomVoi Voi { get; }

    /// <summary>The frame that was scored; 0 for a file of one.</summary>
    internal int Frame { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <param name="dicom">How its picture was read, as the scores depend on it; <see cref="DicomOptions.Default"/> where null.</param>
    /// <exception cref="SeverityException">A file that cannot be read; and as for
    /// <see cref="Read(ReadOnlySpan{byte}, string, ImageLimits?, DicomOptions?)"/>.</exception>
    public static DicomSource Load(string path, ImageLimits? limits = null, DicomOptions? dicom = null)
    {
        using ImageFile file = ImageFile.Open(path, limits, dicom);
        return Read(file.Bytes, file.Name, limits, dicom);
    }

    /// <summary>Reads a file that is in memory.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="name">What error messages call the file.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <param name="dicom">How its picture was read, as the scores depend on it; <see cref="DicomOptions.Default"/> where null.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ImageFormatUnsupported"/>: it is no DICOM file, or lacks a UID that results refer to; and a data set that
    /// is cut short or damaged.
    /// </exception>
    public static DicomSource Read(
        ReadOnlySpan<byte> encoded, string name = "image", ImageLimits? limits = null, DicomOptions? dicom = null) =>
        Read(encoded, name, ImageLimits.With(limits, dicom), ContentHash.Sha256(encoded));

    /// <summary>Reads a file of which the hash is known.</summary>
    internal static DicomSource Read(ReadOnlySpan<byte> encoded, string name, ImageLimits limits, string sha256)
    {
        if (!DicomFile.Fits(encoded))
        {
            throw new SeverityException(SeverityError.ImageFormatUnsupported,
                $"{name}: is no DICOM file, so there is no study that a DICOM result could join; name the DICOM file of the X-ray");
        }
        using DicomFile opened = DicomFile.Open(encoded, name, limits);
        ReadOnlySpan<byte> data = opened.Data(encoded);
        DicomSource source = new(name, sha256, DicomHeader.Read(data, opened.At, opened.Syntax, name), limits.Dicom);
        source.Take(data, opened.At, opened.Syntax);
        return source;
    }

    /// <summary>Puts the attributes that are copied into a result.</summary>
    internal void CopyTo(DataSet result, IEnumerable<CopiedAttribute> attributes)
    {
        if (_characters.Name.Length > 0)
            result.Text(SourceTags.CharacterSet, "CS", _characters.Name);
        foreach (CopiedAttribute attribute in attributes)
        {
            if (_values.TryGetValue(attribute.Tag, out byte[]? value))
                result.Bytes(attribute.Tag, attribute.Vr, value);
            else if (attribute.IsRequired)
                result.Bytes(attribute.Tag, attribute.Vr, default);
        }
        if (_deidentificationCodes.Count > 0)
            result.Sequence(SourceTags.DeidentificationCodes, _deidentificationCodes);
        // Whoever says that the identity was removed says how (PS3.3, C.7.1.1).
        else if (_values.ContainsKey(SourceTags.IdentityRemoved) && !_values.ContainsKey(SourceTags.Deidentification))
            result.Text(SourceTags.Deidentification, "LO", "Not stated by the source image");
    }

    void Take(ReadOnlySpan<byte> data, int at, DicomSyntax syntax)
    {
        Dictionary<uint, CopiedAttribute> copied = SourceTags.Identity.Concat(SourceTags.Picture).ToDictionary(a => a.Tag);
        List<(DicomElement Element, CopiedAttribute Attribute)> found = [];
        DicomElement? codes = null;
        DicomElements elements = new(data, at, syntax, Name);
        while (elements.Next(out DicomElement element) && element.Tag != DicomTags.PixelData)
        {
            if (element.Tag == SourceTags.CharacterSet)
                _characters = CharacterSet.Find(Encoding.Latin1.GetString(data.Slice(element.At, (int)element.Length)));
            else if (element.Tag == SourceTags.DeidentificationCodes)
                codes = element;
            else if (copied.TryGetValue(element.Tag, out CopiedAttribute attribute))
                found.Add((element, attribute));
        }
        // The character set is known now, wherever it stood.
        foreach ((DicomElement element, CopiedAttribute attribute) in found)
        {
            if (Sound(data, element, attribute) is { } value)
                _values[attribute.Tag] = value;
        }
        if (codes is { } sequence)
            TakeCodes(data, DicomElements.Items(data, sequence, syntax, Name));
    }

    /// <summary>Takes the codes that say how the identity was removed; of each only what makes it a code.</summary>
    void TakeCodes(ReadOnlySpan<byte> data, DicomElements items)
    {
        while (items.NextItem(out DicomElements item))
        {
            DataSet code = new();
            HashSet<uint> has = [];
            while (item.NextInItem(out DicomElement element))
            {
                CopiedAttribute attribute = SourceTags.Code.FirstOrDefault(a => a.Tag == element.Tag);
                if (attribute.Tag != 0 && Sound(data, element, attribute) is { } value && has.Add(attribute.Tag))
                    code.Bytes(attribute.Tag, attribute.Vr, value);
            }
            if (has.IsSupersetOf([SourceTags.CodeValue, SourceTags.CodingScheme, SourceTags.CodeMeaning]))
                _deidentificationCodes.Add(code);
        }
    }

    byte[]? Sound(ReadOnlySpan<byte> data, DicomElement element, CopiedAttribute attribute)
    {
        byte[]? value = CopiedValue.Of(data.Slice(element.At, (int)element.Length), attribute.Vr, attribute.MayBeSeveral, _characters);
        bool isKnown = value is null || attribute.Tag switch
        {
            SourceTags.PatientSex => value is [(byte)'M' or (byte)'F' or (byte)'O'],
            SourceTags.IdentityRemoved => value.AsSpan().SequenceEqual("YES"u8) || value.AsSpan().SequenceEqual("NO"u8),
            SourceTags.PatientOrientation => CopiedValue.IsOrientation(Encoding.ASCII.GetString(value)),
            _ => true,
        };
        return isKnown ? value : null;
    }

    static SeverityException Lacks(string name, string attribute) => new(SeverityError.ImageFormatUnsupported,
        $"{name}: its {attribute} is missing or no UID, which a DICOM result refers to; export the image from its archive again");
}
