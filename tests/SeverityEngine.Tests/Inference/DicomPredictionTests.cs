using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace SeverityEngine.Tests.Inference;

/// <summary>DICOM files score as their pixels do.</summary>
public sealed class DicomPredictionTests
{
    const string Folder = "dicom-real";

    static readonly DicomOptions s_all = new() { AnyModality = true };

    static (double, double) Scores(in SeverityScore score) => (score.GeographicExtentRaw, score.OpacityRaw);

    static (double, double) Scores(SeverityPredictor predictor, ushort[] pixels, int width, int height, int largest) => Scores(predictor
        .Predict(new XRayPixels(MemoryMarshal.AsBytes<ushort>(pixels), width, height, PixelFormat.Gray16, maxValue: largest)));

    /// <summary>The pixels that other decoders give; where only their hash is known, the engine's, if they have it.</summary>
    static ushort[]? Expected(string folder, JsonElement entry, byte[] file)
    {
        if (entry.GetProperty("lossy").GetBoolean())
            return null;
        if (entry.TryGetProperty("pixels_npy", out JsonElement npy))
            return Npy<ushort>.Load(Path.Combine(folder, npy.GetString()!)).Values;
        using XRayImage image = XRayImage.Decode(file, dicom: s_all);
        ushort[] pixels = image.BitsPerSample == 16 ? MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray()
            : [.. image.Pixels.Data.ToArray().Select(p => (ushort)p)];
        Assert.Equal(entry.GetProperty("pixels_sha256").GetString(),
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(pixels.AsSpan()))));
        return pixels;
    }

    [Fact]
    public void A_file_scores_as_its_pixels_to_the_last_bit_and_as_is_known()
    {
        string folder = TestData.Get(Folder);
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        // The known scores are those of this model.
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = ModelFile.Load(TestData.Get("model", "severity-compact.onnx")),
            Threads = 1,
            Dicom = s_all,
        });
        int exact = 0, known = 0;
        Assert.All(manifest.RootElement.GetProperty("files").EnumerateArray(), entry =>
        {
            if (entry.GetProperty("expect").GetString() != "pixels")
                return;
            string name = entry.GetProperty("name").GetString()!;
            byte[] file = File.ReadAllBytes(Path.Combine(folder, name));
            Prediction prediction = predictor.Analyze(file, name);
            int largest = entry.GetProperty("max_value").GetInt32();
            if (Expected(folder, entry, file) is { } pixels)
            {
                Assert.Equal(Scores(predictor, pixels, prediction.Width, prediction.Height, largest), Scores(prediction.Score));
                exact++;
            }
            if (entry.TryGetProperty("severity_compact", out JsonElement scores) && scores.ValueKind == JsonValueKind.Object)
            {
                double tolerance = entry.GetProperty("lossy").GetBoolean() ? 0.02 : 2e-4;
                Assert.Equal(scores.GetProperty("geographic_extent").GetDouble(), prediction.GeographicExtent, tolerance);
                Assert.Equal(scores.GetProperty("opacity").GetDouble(), prediction.Opacity, tolerance);
                known++;
            }
        });
        Assert.True(exact > 60 && known >= 5, $"{exact} files with pixels, {known} with scores");
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 10)]
    [InlineData(2, 12)]
    [InlineData(2, 16)]
    public void Both_polarities_of_an_image_have_one_score(int sampleBytes, int bits)
    {
        const int Side = 40;
        byte[] values = new byte[Side * Side * sampleBytes];
        new Random(bits).NextBytes(values);
        byte[] turned = new byte[values.Length];
        int largest = (1 << bits) - 1;
        for (int i = 0; i < Side * Side; i++)
        {
            int value = (sampleBytes == 1 ? values[i] : BitConverter.ToUInt16(values, 2 * i)) & largest;
            BitConverter.GetBytes((ushort)value).AsSpan(0, sampleBytes).CopyTo(values.AsSpan(i * sampleBytes));
            BitConverter.GetBytes((ushort)(largest - value)).AsSpan(0, sampleBytes).CopyTo(turned.AsSpan(i * sampleBytes));
        }
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        SeverityScore one = predictor.Predict(Dicom(values, "MONOCHROME2")), other = predictor.Predict(Dicom(turned, "MONOCHROME1"));
        SeverityScore wrong = predictor.Predict(Dicom(turned, "MONOCHROME2"));
        Assert.Equal(Scores(one), Scores(other));
        Assert.NotEqual(Scores(one), Scores(wrong));

        byte[] Dicom(byte[] pixels, string photometric) => new DicomWriter()
            .Picture(Side, Side, bits, photometric, 8 * sampleBytes).Bytes(0x7FE0_0010, "OW", pixels).File("1.2.840.10008.1.2.1");
    }
}
