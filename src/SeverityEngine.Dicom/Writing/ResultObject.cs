using System.Globalization;
using SeverityEngine.Dicom.Source;

namespace SeverityEngine.Dicom.Writing;

/// <summary>What all results have: identity, equipment, dates, and the file around the data set.</summary>
/// <param name="kind">Which result it is.</param>
/// <param name="source">The image that it is of.</param>
/// <param name="model">The model that scored it.</param>
/// <param name="modelSha256">The hash of the model's file.</param>
/// <param name="settings">What else the result depends on; it has no text of the source's.</param>
sealed class ResultObject(ResultKind kind, DicomSource source, ModelInfo model, string modelSha256, string settings)
{
    public const int PreambleBytes = 128;

    public const string Manufacturer = "Severity Engine project", Product = "Severity Engine";

    /// <summary>Digits of the model's hash that tell models apart at a look.</summary>
    const int ShortHash = 12;

    /// <summary>The most characters of LO and SH.</summary>
    const int MostOfLong = 64, MostOfShort = 16;

    public static ReadOnlySpan<byte> Mark => "DICM"u8;

    /// <summary>
    /// A UID for a part of the result, by all that it depends on: an archive that is sent the same result again finds that it has it.
    /// </summary>
    public string Uid(string part = "") => ResultUid.Derive(
        kind.Name, part, source.SopInstance, source.Sha256, modelSha256, SeverityRuntime.EngineVersion, $"voi {source.Voi}",
        string.Create(CultureInfo.InvariantCulture, $"frame {source.Frame}"), settings);

    /// <summary>A reference to the source's file, as items of sequences have it.</summary>
    public DataSet InstanceReference() => new DataSet()
        .Text(ResultTags.ReferencedSopClass, "UI", source.SopClass)
        .Text(ResultTags.ReferencedSopInstance, "UI", source.SopInstance);

    /// <summary>A reference to the picture in it that was scored.</summary>
    public DataSet Reference() => source.Frame > 0
        ? InstanceReference().Integer(ResultTags.ReferencedFrame, source.Frame) : InstanceReference();

    /// <summary>A data set with what all results have.</summary>
    /// <param name="description">What the series is called.</param>
    /// <param name="attributes">The attributes to copy from the source.</param>
    /// <param name="now">When it is made.</param>
    public DataSet Begin(string description, IEnumerable<CopiedAttribute> attributes, ResultTime now)
    {
        DataSet result = new();
        source.CopyTo(result, attributes);
        string version = AsciiText.One(SeverityRuntime.EngineVersion, MostOfLong);
        return result
            .Text(ResultTags.SopClass, "UI", kind.SopClass)
            .Text(ResultTags.SopInstance, "UI", Uid())
            .Text(ResultTags.Study, "UI", source.Uids.Study!)
            .Text(ResultTags.Series, "UI", Uid("series"))
            .Text(ResultTags.Modality, "CS", kind.Modality)
            .Integer(ResultTags.SeriesNumber, kind.SeriesNumber)
            .Integer(ResultTags.InstanceNumber, 1)
            .Text(ResultTags.SeriesDescription, "LO", description)
            .Text(ResultTags.CreationDate, "DA", now.Date)
            .Text(ResultTags.CreationTime, "TM", now.Time)
            .Text(ResultTags.SeriesDate, "DA", now.Date)
            .Text(ResultTags.SeriesTime, "TM", now.Time)
            .Text(ResultTags.ContentDate, "DA", now.Date)
            .Text(ResultTags.ContentTime, "TM", now.Time)
            .Text(ResultTags.TimezoneOffset, "SH", "+0000")
            .Text(ResultTags.Manufacturer, "LO", Manufacturer)
            .Text(ResultTags.ManufacturerModel, "LO", Product)
            .Text(ResultTags.SerialNumber, "LO", modelSha256[..Math.Min(modelSha256.Length, ShortHash)])
            .Text(ResultTags.SoftwareVersions, "LO", $"{version}\\{AsciiText.One($"{model.Name} {model.Version}", MostOfLong)}");
    }

    /// <summary>The file of a data set: a preamble, the meta header (PS3.10, 7.1), and the data set.</summary>
    public byte[] Encode(DataSet result)
    {
        string[] version = SeverityRuntime.EngineVersion.Split('.', '-', '+');
        byte[] meta = new DataSet()
            .Bytes(ResultTags.MetaVersion, "OB", new byte[] { 0, 1 })
            .Text(ResultTags.MediaSopClass, "UI", kind.SopClass)
            .Text(ResultTags.MediaSopInstance, "UI", Uid())
            .Text(ResultTags.TransferSyntax, "UI", "1.2.840.10008.1.2.1")
            .Text(ResultTags.ImplementationClass, "UI", ResultUid.Implementation)
            .Text(ResultTags.ImplementationVersion, "SH", AsciiText.One($"SEVERITY_{string.Join('_', version.Take(2))}", MostOfShort))
            .Encode();
        byte[] length = new DataSet().Long(ResultTags.MetaLength, meta.Length).Encode();
        return [.. new byte[PreambleBytes], .. Mark, .. length, .. meta, .. result.Encode()];
    }

    /// <summary>Now, or the time that SOURCE_DATE_EPOCH fixes.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: the variable is no time.</exception>
    public static ResultTime Now()
    {
        if (!FixedTime.IsGiven)
            return ResultTime.Of(DateTimeOffset.UtcNow);
        if (FixedTime.Read() is { } time)
            return ResultTime.Of(time);
        throw new SeverityException(SeverityError.InvalidArgument,
            $"the environment's {FixedTime.Variable} is no number of seconds since 1970; set one, or unset it for the time of now");
    }
}

/// <summary>A time, UTC, as DICOM writes it.</summary>
readonly record struct ResultTime(string Date, string Time)
{
    public static ResultTime Of(DateTimeOffset time) => new(
        time.ToString("yyyyMMdd", CultureInfo.InvariantCulture), time.ToString("HHmmss", CultureInfo.InvariantCulture));
}
