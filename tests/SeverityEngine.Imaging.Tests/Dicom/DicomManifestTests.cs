using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>Real and synthetic files whose pixels dcmtk, GDCM, OpenJPEG and pydicom have decoded, and files to refuse.</summary>
public class DicomManifestTests
{
    const string Folder = "dicom-real";

    [Fact]
    public void Each_file_gives_its_pixels_or_its_refusal()
    {
        string folder = TestData.Get(Folder);
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        JsonElement[] entries = [.. manifest.RootElement.GetProperty("files").EnumerateArray()];
        Assert.NotEmpty(entries);
        Assert.All(entries, entry => Check(folder, entry));
    }

    static void Check(string folder, JsonElement entry)
    {
        string name = entry.GetProperty("name").GetString()!;
        byte[] file = File.ReadAllBytes(Path.Combine(folder, name));
        if (entry.GetProperty("expect").GetString() != "pixels")
        {
            SeverityException e = Assert.Throws<SeverityException>(() => XRayImage.Decode(file, name));
            string error = entry.GetProperty("error").GetString()!;
            if (error.StartsWith("any of exit code 3", StringComparison.Ordinal))
                Assert.Equal(3, e.Code.ExitCode());
            else
                Assert.Equal(error, e.Code.Name());
            return;
        }
        // What other modalities' files give is known too.
        using XRayImage image = XRayImage.Decode(file, name, dicom: new DicomOptions { AnyModality = true });
        Assert.Equal(entry.GetProperty("max_value").GetInt32(), image.MaxValue);
        if (entry.GetProperty("rows").ValueKind == JsonValueKind.Number)
            Assert.Equal((entry.GetProperty("columns").GetInt32(), entry.GetProperty("rows").GetInt32()), (image.Width, image.Height));
        ushort[] pixels = image.BitsPerSample == 16 ? MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray()
            : [.. image.Pixels.Data.ToArray().Select(p => (ushort)p)];
        if (entry.TryGetProperty("pixels_npy", out JsonElement npy))
        {
            int tolerance = Tolerance(entry);
            ushort[] expected = Npy<ushort>.Load(Path.Combine(folder, npy.GetString()!)).Values;
            int worst = pixels.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(worst <= tolerance, $"a sample is {worst} off, and {tolerance} are allowed");
        }
        else if (!entry.GetProperty("lossy").GetBoolean())
        {
            Assert.Equal(entry.GetProperty("pixels_sha256").GetString(),
                Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(pixels.AsSpan()))));
        }
        else
        {
            Assert.Equal(entry.GetProperty("mean").GetDouble(), pixels.Average(p => (double)p), 0.5);
        }
        string warnings = string.Join("; ", image.Warnings);
        string[] words =
            [.. entry.GetProperty("warn").EnumerateArray().Select(w => w.GetString()!.Replace("colour", "color"))];
        Assert.All(words, word => Assert.Contains(word, warnings, StringComparison.Ordinal));
        if (words.Length == 0 && !entry.GetProperty("lossy").GetBoolean())
            Assert.Equal("", warnings);
    }

    static int Tolerance(JsonElement entry) => !entry.GetProperty("lossy").GetBoolean() ? 0
        : entry.GetProperty("tolerance").GetString()!.StartsWith("each sample within 1", StringComparison.Ordinal) ? 1 : 2;
}
