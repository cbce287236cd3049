using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeOptions : ISizedStruct
{
    public uint Size;
    public int Threads;
    public int MaxConcurrency;
    public int MaxSide;
    public long MaxPixels;
    public long MaxFileBytes;
    public delegate* unmanaged<void*, int, byte*, void> Log;
    public void* LogContext;
    public int TrustModel;
    public int Reserved;
    public int DicomVoi;
    public int DicomFrame;
    public int DicomAnyModality;
    public int RefuseOutside;
    public int IntervalPercent;
    public int Reserved2;

    public static string Name => "severity_options";

    public static uint FirstSize => 48;

    /// <summary>What is refused of images, and how DICOM files are read.</summary>
    public readonly ImageLimits Limits()
    {
        ImageLimits usual = ImageLimits.Default;
        return ImageLimits.With(
            new ImageLimits
            {
                MaxSide = MaxSide > 0 ? MaxSide : usual.MaxSide,
                MaxPixels = MaxPixels > 0 ? MaxPixels : usual.MaxPixels,
                MaxFileBytes = MaxFileBytes > 0 ? MaxFileBytes : usual.MaxFileBytes,
            },
            new DicomOptions { Voi = (DicomVoi)DicomVoi, Frame = DicomFrame, AnyModality = DicomAnyModality != 0 });
    }

    /// <summary>Refuses what cannot be meant; the engine itself judges the rest.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public readonly void Check()
    {
        if (MaxSide < 0 || MaxPixels < 0 || MaxFileBytes < 0)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"limits of {MaxSide} a side, {MaxPixels} pixels and {MaxFileBytes} bytes: none may be negative; 0 is the default");
        }
        if (TrustModel is not (0 or 1) || DicomAnyModality is not (0 or 1) || RefuseOutside is not (0 or 1)
            || (Reserved | Reserved2) != 0)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"trust_model is {TrustModel}, dicom_any_modality {DicomAnyModality}, refuse_outside {RefuseOutside} and the reserved "
                + $"fields {Reserved} and {Reserved2}; use 0 or 1, and 0");
        }
        if (IntervalPercent is < 0 or > 99)
            throw new SeverityException(SeverityError.InvalidArgument, $"interval_percent is {IntervalPercent}; use 0, or 80, 90 or 95");
    }
}

/// <summary><c>severity_pixels</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativePixels : ISizedStruct
{
    public uint Size;
    public int Format;
    public void* Data;
    public nuint DataSize;
    public int Width;
    public int Height;
    public long Stride;
    public int MaxValue;
    public int Reserved;

    public static string Name => "severity_pixels";

    public static uint FirstSize => 48;

    /// <summary>The view that the engine reads.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> or <see cref="SeverityError.ImageTooLarge"/>.
    /// </exception>
    public readonly XRayPixels View(ImageLimits limits)
    {
        if (Data is null)
            throw Invalid("the pixels' data is NULL");
        if (Reserved != 0)
            throw Invalid($"the reserved field of {Name} is {Reserved}; it must be 0");
        // Checked before any product is formed, so that none overflows.
        if (Width < 1 || Height < 1)
            throw Invalid($"pixels of {Width} x {Height}: width and height must be at least 1");
        if (Width > limits.MaxSide || Height > limits.MaxSide || (long)Width * Height > limits.MaxPixels)
        {
            throw new SeverityException(SeverityError.ImageTooLarge,
                $"pixels of {Width} x {Height}: more than {limits.MaxSide} in a side or {limits.MaxPixels} in all; "
                + "raise the limits of severity_options");
        }
        if (Stride is < 0 or > int.MaxValue)
            throw Invalid($"a stride of {Stride} bytes is outside 0 to {int.MaxValue}");
        int bytesPerPixel = (PixelFormat)Format switch
        {
            PixelFormat.Gray8 => 1,
            PixelFormat.Gray16 => 2,
            PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
            PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
            _ => throw Invalid($"pixel format {Format} is unknown; use one of SEVERITY_PIXELS_..."),
        };
        long row = (long)Width * bytesPerPixel;
        long needed = (Height - 1) * (Stride == 0 ? row : Stride) + row;
        if (needed > int.MaxValue)
            throw Invalid($"{Width} x {Height} pixels with a stride of {Stride} bytes span {needed} bytes; the most is {int.MaxValue}");
        int given = DataSize == 0 ? (int)needed : (int)Math.Min(DataSize, int.MaxValue);
        return new XRayPixels(new ReadOnlySpan<byte>(Data, given), Width, Height, (PixelFormat)Format, (int)Stride, MaxValue);
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}

/// <summary><c>severity_result</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NativeResult : ISizedStruct
{
    public uint Size;
    public uint Warnings;
    public double GeographicExtent;
    public double Opacity;
    public double GeographicExtentRaw;
    public double OpacityRaw;
    public double DecodeMilliseconds;
    public double PreprocessMilliseconds;
    public double InferMilliseconds;
    public double IntervalLevel;
    public double GeographicExtentLow;
    public double GeographicExtentHigh;
    public double OpacityLow;
    public double OpacityHigh;
    public double DomainRatio;
    public double DomainPictureRatio;
    public double DomainFeatureRatio;
    public int DomainVerdict;
    public int DomainReason;
    public double DomainContrastRatio;

    static readonly ScoreIntervals s_noInterval =
        new(double.NaN, new ScoreInterval(double.NaN, double.NaN), new ScoreInterval(double.NaN, double.NaN));

    public static string Name => "severity_result";

    public static uint FirstSize => 64;

    /// <summary>What stands where there is no score, so that a status that nobody looked at is not taken for healthy lungs.</summary>
    public static NativeResult None { get; } = new()
    {
        GeographicExtent = double.NaN,
        Opacity = double.NaN,
        GeographicExtentRaw = double.NaN,
        OpacityRaw = double.NaN,
        IntervalLevel = double.NaN,
        GeographicExtentLow = double.NaN,
        GeographicExtentHigh = double.NaN,
        OpacityLow = double.NaN,
        OpacityHigh = double.NaN,
        DomainRatio = double.NaN,
        DomainPictureRatio = double.NaN,
        DomainFeatureRatio = double.NaN,
        DomainContrastRatio = double.NaN,
    };

    public static NativeResult From(in SeverityScore score, int warnings)
    {
        DomainResult domain = score.Domain;
        bool isChecked = domain.Verdict != SeverityEngine.DomainVerdict.NotChecked;
        ScoreIntervals interval = score.Interval ?? s_noInterval;
        return new NativeResult
        {
            Warnings = (uint)warnings,
            GeographicExtent = score.GeographicExtent,
            Opacity = score.Opacity,
            GeographicExtentRaw = score.GeographicExtentRaw,
            OpacityRaw = score.OpacityRaw,
            DecodeMilliseconds = score.Timings.Decode.TotalMilliseconds,
            PreprocessMilliseconds = score.Timings.Preprocess.TotalMilliseconds,
            InferMilliseconds = score.Timings.Infer.TotalMilliseconds,
            IntervalLevel = interval.Level,
            GeographicExtentLow = interval.GeographicExtent.Lowest,
            GeographicExtentHigh = interval.GeographicExtent.Highest,
            OpacityLow = interval.Opacity.Lowest,
            OpacityHigh = interval.Opacity.Highest,
            DomainRatio = isChecked ? domain.Ratio : double.NaN,
            DomainPictureRatio = isChecked ? domain.PictureRatio : double.NaN,
            DomainFeatureRatio = domain.FeatureRatio ?? double.NaN,
            DomainVerdict = (int)domain.Verdict,
            DomainReason = (int)domain.Reason,
            DomainContrastRatio = isChecked ? domain.ContrastRatio : double.NaN,
        };
    }
}

/// <summary><c>severity_model_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeModelInfo : ISizedStruct
{
    public uint Size;
    public int InputSize;
    public double GeographicExtentLowest;
    public double GeographicExtentHighest;
    public double OpacityLowest;
    public double OpacityHighest;
    public byte* ModelName;
    public byte* Version;
    public byte* Source;
    public nuint MetadataCount;
    public nuint LabelCount;
    public byte** Labels;
    public nuint FeatureCount;

    public static string Name => "severity_model_info";

    public static uint FirstSize => 72;
}

/// <summary><c>severity_library_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeLibraryInfo : ISizedStruct
{
    public uint Size;
    public uint AbiVersion;
    public byte* Version;
    public byte* OnnxRuntimeVersion;
    public byte* InstructionSets;
    public byte* Notices;

    public static string Name => "severity_library_info";

    public static uint FirstSize => 40;
}
