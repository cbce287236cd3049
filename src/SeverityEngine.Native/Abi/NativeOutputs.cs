using System.Runtime.InteropServices;
using SeverityEngine.Saliency;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_outputs</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeOutputs : ISizedStruct
{
    public uint Size;
    public int Target;
    public int Method;
    public int Overlay;
    public double* FindingsAt;
    public nuint FindingCount;
    public float* LogitsAt;
    public nuint LogitCount;
    public float* FeaturesAt;
    public nuint FeatureCount;
    public float* InputAt;
    public nuint InputCount;
    public float* MapAt;
    public nuint MapCount;
    public byte* PictureAt;
    public nuint PictureSize;
    public byte* Sha256At;
    public nuint Sha256Size;
    public double PictureEnd;

    /// <summary>A SHA-256 as text: 64 digits and the zero byte.</summary>
    const int HashBytes = 65;

    public static string Name => "severity_outputs";

    public static uint FirstSize => 136;

    public readonly bool WantsMap => MapAt is not null || PictureAt is not null;

    public readonly bool WantsHash => Sha256At is not null;

    public readonly Span<double> Findings => new(FindingsAt, (int)FindingCount);

    public readonly Span<float> Logits => new(LogitsAt, (int)LogitCount);

    public readonly Span<float> Features => new(FeaturesAt, (int)FeatureCount);

    public readonly Span<float> Input => new(InputAt, (int)InputCount);

    public readonly Span<float> Map => new(MapAt, (int)MapCount);

    public readonly Span<byte> Picture => new(PictureAt, (int)PictureSize);

    /// <summary>Whether the picture is as large as the image, and not as the network's input.</summary>
    public readonly bool IsOverOriginal => Overlay == 1;

    /// <summary>The map's values as colors.</summary>
    public readonly MapColors Colors(ReadOnlySpan<float> map) =>
        PictureEnd == 0 ? MapColors.Even(map) : MapColors.ByValue((float)PictureEnd);

    /// <summary>Refuses, before anything is read or scored, what does not fit the model; the spans are safe to form afterwards.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> or <see cref="SeverityError.ModelUnsupported"/>.
    /// </exception>
    public readonly void Check(ModelInfo model)
    {
        NativeMaps.CheckPicture(Overlay, PictureEnd);
        nuint pixels = (nuint)(model.InputSize * model.InputSize);
        Check("findings", FindingsAt, FindingCount, model.Labels.Count, model);
        Check("logits", LogitsAt, LogitCount, model.Labels.Count, model);
        Check("features", FeaturesAt, FeatureCount, model.FeatureCount, model);
        Check("input", InputAt, InputCount, (int)pixels, model);
        Check("map", MapAt, MapCount, (int)pixels, model);
        if (IsOverOriginal)
        {
            if (PictureAt is null != (PictureSize == 0) || PictureSize > int.MaxValue)
                throw Invalid($"a picture {(PictureAt is null ? "that is NULL" : "with")} room for {PictureSize} bytes; "
                    + "it takes 3 bytes for each pixel of the image, at most 2 GiB");
        }
        else
            Check("picture", PictureAt, PictureSize, 3 * (int)pixels, model);
        if (Sha256At is null ? Sha256Size != 0 : Sha256Size < HashBytes)
            throw Invalid($"room for {Sha256Size} bytes of a SHA-256{(Sha256At is null ? " at NULL" : "")}; as text it takes {HashBytes}");
    }

    /// <summary>Refuses a picture's buffer of another size than the image that was read.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public readonly void CheckPicture(int width, int height)
    {
        long needed = 3L * width * height;
        if (PictureAt is not null && IsOverOriginal && (long)PictureSize != needed)
            throw Invalid($"the picture has room for {PictureSize} bytes; over this image of {width} x {height} pixels it takes {needed}");
    }

    /// <summary>Writes the hash of a file's content as text.</summary>
    public readonly void WriteHash(ReadOnlySpan<byte> content)
    {
        string hash = ContentHash.Sha256(content);
        for (int i = 0; i < hash.Length; i++)
            Sha256At[i] = (byte)hash[i];
        Sha256At[hash.Length] = 0;
    }

    static void Check(string what, void* at, nuint count, int given, ModelInfo model)
    {
        if (at is null)
        {
            if (count != 0)
                throw Invalid($"{what}: room for {count} at NULL");
            return;
        }
        if (given == 0)
            throw new SeverityException(SeverityError.ModelUnsupported,
                $"model {model.Name} gives no {what}; use one that does, such as xrv-densenet121-cidc ('severity model list')");
        if (count != (nuint)given)
            throw Invalid($"{what}: there is room for {count}, and model {model.Name} gives {given}");
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}
