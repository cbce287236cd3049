using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>
/// libjpeg-turbo is the judge of damage: what <c>djpeg -strict</c> refuses is refused here too, and what both read has the same pixels.
/// SEVERITY_FUZZ_ITERATIONS sets how many damaged files are tried, SEVERITY_FUZZ_SEED where they start.
/// </summary>
[Collection(RunAlone.Name)]
public partial class JpegStrictnessTests(ITestOutputHelper output)
{
    const int Chunk = 10_000, RefusedPerAsked = 4;

    /// <summary>The one thing that is read with a warning though djpeg refuses it.</summary>
    const string WithoutEnd = "Premature end of JPEG file";

    /// <summary>Why files that djpeg reads are refused: each is damage that it does not look for, or a kind that is not read.</summary>
    static readonly string[] s_stricter =
    [
        // Data that are left over in the bit buffer at a restart marker or the end: djpeg misses those, but they tell of wrong codes.
        "coded data are left over",
        "the bits that fill up its coded data are ones and zeros",
        "has a run of # blocks more than there are",
        // Coefficients beyond the band, runs that only progressive coding has, refinements that do not come out even.
        "its coded data are not sound",
        "far brighter or darker than samples can be",
        "coefficients far beyond those that samples make",
        // Zeroed sectors behind which the codes got into step again.
        "# zeros or more in a row",
        // Fields that djpeg passes over.
        "has a zero",
        "is out of place",
        "it gives its height a second time",
        "names # symbols in # bytes",
        "is no code",
        "cannot be, or repeats what came",
        "out of order",
        "Huffman table",
        // Pictures that never come whole.
        "scans of it are missing",
        "its header asks for at least",
        "more than # scans",
        // What is not read.
        "which is not read",
        "a side may have",
        "not an image in a format that is known",
    ];

    static readonly string[] s_samples = [.. JpegSamples.Names.Where(n => JpegSamples.Read(n).Length > 1_300)];

    [Fact]
    public void What_djpeg_refuses_is_refused_and_what_both_read_is_the_same()
    {
        SkipWithoutDjpeg();
        int iterations = Setting("SEVERITY_FUZZ_ITERATIONS", 10_000), seed = Setting("SEVERITY_FUZZ_SEED", 1);
        Tally tally = new();
        for (int from = 0; from < iterations; from += Chunk)
            Judge(seed + from, Math.Min(Chunk, iterations - from), tally);

        output.WriteLine(
            $"{tally.Read} read, {tally.Refused} refused; of {tally.Asked} of these, djpeg reads {tally.Classes.Values.Sum()}:");
        foreach ((string fault, int count) in tally.Classes.OrderByDescending(c => c.Value))
            output.WriteLine($"{count,6}  {fault}");
        Assert.True(tally.Faults.Count == 0, $"{tally.Faults.Count} faults:\n{string.Join('\n', tally.Faults.Take(40))}");
        Assert.All(tally.Classes.Keys, fault => Assert.Contains(s_stricter, known => fault.Contains(known, StringComparison.Ordinal)));
        Assert.InRange(tally.Read, iterations / 100, iterations / 2);
        Assert.InRange(tally.Classes.Values.Sum(), 0, tally.Asked / 10);
    }

    [Fact]
    public void X_rays_are_read_without_a_word_and_as_djpeg_reads_them()
    {
        string[] files = [.. Directory.GetFiles(TestData.Get("data", "cxr"), "*.jp*g").Order(StringComparer.Ordinal)];
        SkipWithoutDjpeg();
        using TemporaryFolder folder = new();
        for (int i = 0; i < files.Length; i++)
            File.CreateSymbolicLink(folder[$"{i}"], files[i]);
        Assert.Empty(RunDjpeg(folder.Path));
        int colored = 0;
        for (int i = 0; i < files.Length; i++)
        {
            using XRayImage image = XRayImage.Load(files[i]);
            Assert.Empty(DoubtTests.Oddities(image));
            colored += image.Warnings.Count;
            Assert.Equal(0, Difference(image.Pixels.Data.ToArray(), image.Width, File.ReadAllBytes(folder[$"{i}.ppm"])));
        }
        output.WriteLine($"{colored} of {files.Length} X-rays are colored");
        Assert.InRange(colored, 0, files.Length / 20);
    }

    static void Judge(int seed, int count, Tally tally)
    {
        using TemporaryFolder folder = new();
        Dictionary<string, (byte[] Pixels, int Width, bool IsOpen)> read = [];
        Dictionary<string, string> refused = [];
        ImageLimits limits = new() { MaxPixels = 1_000_000 };
        for (int i = seed; i < seed + count; i++)
        {
            Random random = new(i);
            string sample = s_samples[random.Next(s_samples.Length)];
            byte[] file = Damage(JpegSamples.Read(sample), random);
            string name = string.Create(CultureInfo.InvariantCulture, $"{i}-{sample}.jpg");
            try
            {
                using XRayImage image = XRayImage.Decode(file, "it", limits);
                read[name] = (image.Pixels.Data.ToArray(), image.Width, image.Warnings.Any(w => w.Contains("end marker is missing")));
            }
            catch (SeverityException e)
            {
                tally.Refused++;
                // Those that djpeg is asked about are every nth, not the cheapest.
                if (i % RefusedPerAsked != 0 || e.Code is SeverityError.ImageTooLarge)
                    continue;
                refused[name] = e.Message;
            }
            File.WriteAllBytes(folder[name], file);
        }
        tally.Read += read.Count;
        tally.Asked += refused.Count;
        HashSet<string> refusedByDjpeg = RunDjpeg(folder.Path);
        foreach ((string name, string fault) in refused)
        {
            if (refusedByDjpeg.Contains(name))
                continue;
            string kind = Numbers().Replace(fault, "#");
            tally.Classes[kind] = tally.Classes.GetValueOrDefault(kind) + 1;
        }
        foreach ((string name, (byte[] pixels, int width, bool isOpen)) in read)
        {
            string says = File.ReadAllText(folder[name + ".txt"]).Trim();
            if (refusedByDjpeg.Contains(name))
            {
                if (!(isOpen && says == WithoutEnd))
                    tally.Faults.Add($"{name}: read, and djpeg says: {says}");
            }
            else if (Difference(pixels, width, File.ReadAllBytes(folder[name + ".ppm"])) > (HasInks(name) ? 1 : 0))
            {
                tally.Faults.Add($"{name}: other pixels than djpeg's");
            }
        }
    }

    /// <summary>djpeg rounds the red of inks otherwise than Pillow.</summary>
    static bool HasInks(string name) =>
        name.Contains("cmyk", StringComparison.Ordinal) || name.Contains("ycck", StringComparison.Ordinal);

    /// <summary>Runs djpeg over a folder's files, two at a time: each leaves a .ppm and what it says as .txt.</summary>
    static HashSet<string> RunDjpeg(string folder)
    {
        const string each = "for f; do djpeg -strict -outfile \"$f.ppm\" \"$f\" 2>\"$f.txt\" || echo \"$f\"; done";
        CommandResult result = Command.Run("/bin/sh", ["-c", $"ls | xargs -P 2 -n 50 sh -c '{each}' sh"], folder);
        Assert.Equal(0, result.ExitCode);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>The greatest difference from the first channel of a PNM.</summary>
    static int Difference(byte[] pixels, int width, byte[] pnm)
    {
        string[] header = Encoding.ASCII.GetString(pnm, 0, Math.Min(40, pnm.Length)).Split('\n', 4);
        int channels = header[0] == "P6" ? 3 : 1, start = header[0].Length + header[1].Length + header[2].Length + 3, greatest = 0;
        Assert.Equal($"{width} {pixels.Length / width}", header[1]);
        for (int i = 0; i < pixels.Length; i++)
            greatest = Math.Max(greatest, Math.Abs(pixels[i] - pnm[start + i * channels]));
        return greatest;
    }

    static byte[] Damage(byte[] file, Random random)
    {
        byte[] original = file;
        int data = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 8;
        for (int times = random.Next(4) == 0 ? 2 : 1; times > 0 || file.AsSpan().SequenceEqual(original); times--)
        {
            // One in eight anywhere, else in the scans.
            int at = random.Next(random.Next(8) == 0 ? 2 : Math.Min(data, file.Length - 1), file.Length), left = file.Length - at;
            int run = Math.Min(left, random.Next(1, 65));
            file = [.. file];
            switch (random.Next(12))
            {
                case 0:
                    file.AsSpan(at, run).Clear();
                    break;
                case 1 or 2:
                    int sector = random.Next(file.Length / 512 + 1) * 512;
                    file.AsSpan(sector, Math.Min(512, file.Length - sector)).Clear();
                    break;
                case 3:
                    file = file[..Math.Max(at, 4)];
                    break;
                case 4:
                    file = JpegSamples.Insert(file, at, file.AsSpan(at, run));
                    break;
                case 5:
                    file = JpegSamples.Remove(file, at, random.Next(2) == 0 ? 1 : run);
                    break;
                case 6:
                    SwapMarkers(file, random);
                    break;
                case 7:
                    int from = random.Next(file.Length - run + 1);
                    file.AsSpan(from, run).CopyTo(file.AsSpan(at, run));
                    break;
                case 8:
                    file[at] = (byte)random.Next(256);
                    break;
                case 9:
                    file = JpegSamples.Insert(file, at, 0xFF, (byte)random.Next(0xC0, 0x100));
                    break;
                default:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return file;
    }

    /// <summary>Swaps two markers, restart markers mostly.</summary>
    static void SwapMarkers(byte[] file, Random random)
    {
        int[] markers = [.. Enumerable.Range(0, file.Length - 1).Where(i => file[i] == 0xFF && file[i + 1] is > 0 and < 0xFF)];
        if (markers.Length == 0)
            return;
        int one = markers[random.Next(markers.Length)] + 1, other = markers[random.Next(markers.Length)] + 1;
        (file[one], file[other]) = (file[other], file[one]);
    }

    static void SkipWithoutDjpeg()
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(f => File.Exists(Path.Combine(f, "djpeg")));
        Assert.False(!isThere && Environment.GetEnvironmentVariable("CI") == "true", "djpeg is not there (Debian: libjpeg-turbo-progs)");
        Assert.SkipUnless(isThere, "djpeg is not there (Debian: apt-get install libjpeg-turbo-progs)");
    }

    static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    [GeneratedRegex(@"\b[0-9A-F]+\b(?![a-z])")]
    private static partial Regex Numbers();

    sealed class Tally
    {
        public int Read { get; set; }

        public int Refused { get; set; }

        public int Asked { get; set; }

        public Dictionary<string, int> Classes { get; } = [];

        public List<string> Faults { get; } = [];
    }
}
