using System.Globalization;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>
/// What a header says that makes a picture no X-ray to score, and what is odd about it. Messages hold no text of the file but words that
/// are known here: a damaged element may hold a name.
/// </summary>
static class DicomChecks
{
    /// <summary>Media Storage Directory Storage: a DICOMDIR.</summary>
    public const string DirectoryClass = "1.2.840.10008.1.3.10";

    // Digital X-Ray Image Storage - For Processing.
    const string ProcessingForm = "1.2.840.10008.5.1.4.1.1.1.1.1";

    // Radiographs, and captures of them, which other devices make too.
    static readonly HashSet<string> s_modalities = ["CR", "DX", "DR", "RG", "OT", "SC", ""];

    // X-rays, but hardly of a chest from the front.
    static readonly HashSet<string> s_otherXRays = ["MG", "PX", "IO", "RF", "XA"];

    static readonly Dictionary<string, string> s_refused = new(StringComparer.Ordinal)
    {
        ["CT"] = "a CT image",
        ["MR"] = "an MR image",
        ["PT"] = "a PET image",
        ["NM"] = "a nuclear medicine image",
        ["US"] = "an ultrasound image",
        ["SM"] = "a microscope image",
        ["XC"] = "a photograph",
        ["ES"] = "an endoscope's image",
        ["ECG"] = "an ECG",
        ["SEG"] = "a segmentation",
        ["SR"] = "a report",
        ["PR"] = "a presentation state",
        ["KO"] = "a selection of images",
        ["RTIMAGE"] = "a radiotherapy image",
        ["RTDOSE"] = "a radiotherapy dose",
        ["RTSTRUCT"] = "radiotherapy structures",
        ["RTPLAN"] = "a radiotherapy plan",
        ["DOC"] = "a document",
    };

    static readonly HashSet<string> s_bodyParts = ["CHEST", "THORAX", "LUNG", "LUNGS", "RIB", "RIBS", "STERNUM", "CHESTABDOMEN", ""];

    static readonly HashSet<string> s_lateralViews = ["LL", "RL", "LATERAL", "LAT", "LLO", "RLO", "LLD", "RLD"];

    // SNOMED's codes: lateral, left lateral, right lateral.
    static readonly HashSet<string> s_lateralCodes = ["399067008", "399173006", "399198007"];

    /// <summary>Refuses what cannot be an X-ray, or says nothing of how its pixels are to be read.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ImageFormatUnsupported"/>, <see cref="SeverityError.ImageCorrupt"/>,
    /// <see cref="SeverityError.ImageTruncated"/>.
    /// </exception>
    public static void Require(DicomHeader header, string name, DicomOptions options)
    {
        if (header.SopClass == DirectoryClass)
            throw Directory(name);
        if (!options.AnyModality && !s_modalities.Contains(header.Modality) && !s_otherXRays.Contains(header.Modality))
        {
            string kind = s_refused.GetValueOrDefault(header.Modality, "an image of another modality");
            throw ImageChecks.Unsupported(name,
                $"{kind}, not a radiograph, by its Modality (0008,0060); leave it out, or read it all the same (--any-modality)",
                convert: false);
        }
        if (header.Pixels is null)
            throw ImageChecks.Truncated(name, "its data set has no pixel data (7FE0,0010)");
        if (header.Rows is null or < 1 || header.Columns is null or < 1)
            throw ImageChecks.Corrupt(name, "Rows (0028,0010) or Columns (0028,0011) is missing or 0");
        if (header.Photometric.Length == 0)
            throw ImageChecks.Corrupt(name, "PhotometricInterpretation (0028,0004) is missing: whether 0 is black or white is not known");
        if (header.BitsAllocated is not (8 or 16))
        {
            throw header.BitsAllocated is null
                ? ImageChecks.Corrupt(name, "BitsAllocated (0028,0100) is missing")
                : ImageChecks.Unsupported(name, $"a DICOM image of {header.BitsAllocated} allocated bits, which is not read");
        }
        if (header.BitsStored is { } stored && (stored < 1 || stored > header.BitsAllocated))
            throw ImageChecks.Corrupt(name, $"BitsStored (0028,0101) is {stored} of {header.BitsAllocated} allocated");
        if (header.HighBit is { } high && (high >= header.BitsAllocated || high + 1 < (header.BitsStored ?? high + 1)))
            throw ImageChecks.Corrupt(name, $"HighBit (0028,0102) is {high}, with {header.BitsStored} bits stored");
        int frames = Math.Max(header.Frames ?? 1, 1);
        if (frames > 1 && options.Frame == 0)
        {
            throw ImageChecks.Unsupported(name,
                "a DICOM image of several frames (0028,0008), of which none is chosen; name one, as in --frame 1", convert: false);
        }
        if (options.Frame > frames)
        {
            throw ImageChecks.Unsupported(name, frames == 1 ? $"has one frame, and frame {options.Frame} is asked for; leave --frame away"
                : $"has fewer frames (0028,0008) than {options.Frame}, which is asked for; name an earlier one", convert: false);
        }
        int samples = header.Samples;
        bool isRead = header.Photometric switch
        {
            "MONOCHROME1" or "MONOCHROME2" => samples == 1,
            "RGB" or "YBR_FULL" or "YBR_FULL_422" => samples == 3 && header.BitsAllocated == 8,
            "YBR_RCT" or "YBR_ICT" => samples == 3 && header.BitsAllocated == 8,
            _ => false,
        };
        if (!isRead)
        {
            throw ImageChecks.Unsupported(name, header.Photometric == "PALETTE COLOR"
                ? "a DICOM image of palette colors, which is not read"
                : $"a DICOM image of {samples} samples of {header.BitsAllocated} bits a pixel in a form of color that is not read");
        }
    }

    /// <summary>The refusal of a DICOMDIR.</summary>
    public static SeverityException Directory(string name) =>
        ImageChecks.Unsupported(name, "a DICOMDIR, the list of a medium's files, not an image; name its folder", convert: false);

    /// <summary>Says what is odd.</summary>
    /// <param name="header">What the file says.</param>
    /// <param name="samples">How its words became pixels.</param>
    /// <param name="used">The smallest and the largest pixel, before turning over.</param>
    /// <param name="voi">Which display settings were asked for.</param>
    /// <param name="name">The file.</param>
    /// <param name="warnings">Takes the texts.</param>
    public static void Warn(DicomHeader header, DicomSamples samples, (int Least, int Most) used, DicomVoi voi, string name,
        List<string> warnings)
    {
        bool isShown = DicomDisplay.Applies(header, voi);
        string largest = samples.Largest.ToString(CultureInfo.InvariantCulture);
        if (!s_modalities.Contains(header.Modality))
            Say("its modality (0008,0060) is not that of chest radiographs");
        if (!s_bodyParts.Contains(header.BodyPart.Replace(" ", "", StringComparison.Ordinal)))
            Say("its body part (0018,0015) is not the chest");
        if (s_lateralViews.Contains(header.ViewPosition) || s_lateralCodes.Contains(header.ViewCode)
            || header.PatientOrientation is ['A' or 'P', ..] orientation && orientation.Length > 1)
            Say("a lateral view by its header; the scores are those of frontal ones");
        if (header.PresentationIntent == "FOR PROCESSING" || header.SopClass == ProcessingForm)
            Say("its pixels are FOR PROCESSING: a detector's values, not the picture that is looked at");
        // A window or a table is made for the values that there are.
        if (!isShown && used.Most < (samples.Largest + 1) / 4)
            Say($"its values use 0 to {used.Most} of 0 to {largest}: nearly dark; BitsStored (0028,0101) may be wrong");
        else if (!isShown && used.Least > samples.Largest / 4)
            Say($"its values use {used.Least} to {used.Most} of 0 to {largest}: nearly without contrast");
        if (voi == DicomVoi.Window && !isShown)
            Say("has neither a VOI table (0028,3010) nor a window (0028,1050) that can be applied; it is scored without");
        if (header.BitsStored is null)
            Say("BitsStored (0028,0101) is an absent attribute; all bits that are allocated are taken");
        if (header.IsSigned)
            Say("its values are signed; the smallest that they could be is taken for 0");
        if (header.RescaleSlope < 0 && !isShown)
            Say("its RescaleSlope (0028,1053) is negative, and is not used");
        if (header.LutShape == "INVERSE" && header.Photometric == "MONOCHROME2"
            || header.LutShape == "IDENTITY" && header.Photometric == "MONOCHROME1")
            Say("PresentationLUTShape (2050,0020) contradicts PhotometricInterpretation (0028,0004), which is followed");
        if (header.HasPadding)
            Say("has a PixelPaddingValue (0028,0120); what pads the picture is scored with it");
        if (header.IsBurnedIn)
            Say("has texts burned in (0028,0301)");
        if (header.IsLossy)
            Say("was compressed with losses (0028,2110)");
        if (header.IsNotSquare)
            Say("its pixels are not square");

        void Say(string what) => warnings.Add($"{name}: {what}");
    }
}
