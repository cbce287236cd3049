using SeverityEngine.Dicom.Source;
using SeverityEngine.Dicom.Writing;

namespace SeverityEngine.Dicom.Report;

/// <summary>A coded concept (PS3.3, 8.8).</summary>
/// <param name="Value">The code.</param>
/// <param name="Scheme">Who gives it a meaning: DCM (PS3.16, annex D), SCT (SNOMED CT), UCUM, or this program.</param>
/// <param name="Meaning">What it means.</param>
readonly record struct Code(string Value, string Scheme, string Meaning)
{
    /// <summary>The scheme of this program's own codes; what they mean never changes.</summary>
    public const string OwnScheme = "99SEVERITY";

    public static Code Dcm(string value, string meaning) => new(value, "DCM", meaning);

    public static Code Snomed(string value, string meaning) => new(value, "SCT", meaning);

    public static Code Own(string value, string meaning) => new(value, OwnScheme, meaning);

    /// <summary>As an item of a sequence.</summary>
    public DataSet Item() => new DataSet()
        .Text(SourceTags.CodeValue, "SH", Value)
        .Text(SourceTags.CodingScheme, "SH", Scheme)
        .Text(SourceTags.CodeMeaning, "LO", Meaning);

    /// <summary>The modality of images (PS3.16, CID 29); null for one that makes none itself, such as OT.</summary>
    public static Code? Modality(string term) => term switch
    {
        "CR" => Dcm(term, "Computed Radiography"),
        "DX" => Dcm(term, "Digital Radiography"),
        "RG" => Dcm(term, "Radiographic imaging"),
        "RF" => Dcm(term, "Radiofluoroscopy"),
        "XA" => Dcm(term, "X-Ray Angiography"),
        "MG" => Dcm(term, "Mammography"),
        "PX" => Dcm(term, "Panoramic X-Ray"),
        "IO" => Dcm(term, "Intra-oral Radiography"),
        "CT" => Dcm(term, "Computed Tomography"),
        "MR" => Dcm(term, "Magnetic Resonance"),
        "NM" => Dcm(term, "Nuclear Medicine"),
        "PT" => Dcm(term, "Positron emission tomography"),
        "US" => Dcm(term, "Ultrasound"),
        _ => null,
    };
}
