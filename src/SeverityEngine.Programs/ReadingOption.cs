using System.CommandLine;
using System.Globalization;

namespace SeverityEngine.Programs;

/// <summary>The options for how images are read: what is refused before memory is taken for it, and how DICOM files are taken.</summary>
sealed class ReadingOption
{
    readonly Option<long> _pixels = new("--max-pixels")
    {
        Description = "Refuse images of more pixels.",
        HelpName = "N",
        DefaultValueFactory = _ => ImageLimits.Default.MaxPixels,
    };

    readonly Option<int> _side = new("--max-side")
    {
        Description = "Refuse images with a longer side, in pixels.",
        HelpName = "N",
        DefaultValueFactory = _ => ImageLimits.Default.MaxSide,
    };

    readonly Option<string> _fileSize = new("--max-file-size")
    {
        Description = "Refuse larger files: bytes, or so many K, M or G of 1024.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => $"{ImageLimits.Default.MaxFileBytes >> 20}M",
    };

    readonly DicomOption _dicom;

    /// <param name="withUids">Whether there are rows that UIDs can stand in.</param>
    public ReadingOption(bool withUids = true)
    {
        _dicom = new DicomOption(withUids);
        NumberRange.Require(_pixels, 1);
        NumberRange.Require(_side, 1);
        _fileSize.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && Bytes(text) is null)
                result.AddError($"--max-file-size {text}: give a size such as 512M, 2G or 1000000.");
        });
    }

    public void AddTo(Command command)
    {
        _dicom.AddTo(command);
        command.Add(_pixels);
        command.Add(_side);
        command.Add(_fileSize);
    }

    public ImageLimits Read(ParseResult parsed) => new()
    {
        MaxPixels = parsed.GetValue(_pixels),
        MaxSide = parsed.GetValue(_side),
        MaxFileBytes = Bytes(parsed.GetValue(_fileSize)!)!.Value,
        Dicom = _dicom.Read(parsed),
    };

    /// <summary>The bytes of a size; null for what is none.</summary>
    static long? Bytes(string text)
    {
        int shift = text is [.., char unit] ? char.ToUpperInvariant(unit) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 } : 0;
        string number = shift > 0 ? text[..^1] : text;
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            && count > 0 && count <= long.MaxValue >> shift ? count << shift : null;
    }
}
