using System.Globalization;
using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>
/// Mutations of sound archives: whatever GNU tar, gzip or unzip refuses ends in at least one row with a fault. SEVERITY_FUZZ_ITERATIONS
/// sets how many there are of each kind; each can be repeated from the number that a failure names.
/// </summary>
public class ArchiveMutationTests
{
    const int Seed = 20_260_711;

    static int Iterations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("SEVERITY_FUZZ_ITERATIONS"), CultureInfo.InvariantCulture, out int asked)
        ? asked : 600;

    [Theory]
    [InlineData("tar", "tar -xOf $f >/dev/null 2>&1 || echo $f")]
    [InlineData("tar.gz", "gzip -t $f 2>/dev/null || echo $f")]
    // What stands before an archive is no fault; before a zip64 archive unzip misses nearly 2^33 bytes, of two fields that are all ones.
    [InlineData("zip", "unzip -tq $f >out 2>&1 || grep -qE 'extra bytes at beginning|missing 85899[0-9]{5} bytes' out || echo $f")]
    public void What_the_usual_tool_refuses_has_a_faulty_row(string ending, string judge)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs GNU tar, gzip and unzip");
        using TemporaryFolder folder = new();
        byte[][] sources = ending switch { "tar" => Tars(), "zip" => Zips(), _ => [.. Tars().Select(TarBuilder.Gzip)] };
        foreach (byte[] source in sources)
            Assert.All(ArchiveRow.Of($"whole.{ending}", source), row => Assert.Equal("", row.Fault));
        int faulty = 0;
        HashSet<string> sound = [];
        for (int i = 0; i < Iterations; i++)
        {
            string name = $"{i:D6}.{ending}";
            File.WriteAllBytes(folder[name], Mutate(sources, new Random(Seed + i), isTar: ending == "tar"));
            List<ArchiveRow> rows = ArchiveRow.Of(folder[name]);
            if (rows.Any(row => row.Fault.Length > 0))
                faulty++;
            else
                sound.Add(name);
        }
        CommandResult judged = Command.Run("sh", ["-c", $"for f in 0*; do {judge}; done"], folder.Path);
        string[] refused = judged.Lines;
        Assert.Equal("", string.Join(' ', refused.Where(sound.Contains)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{ending}: {Iterations} mutations, {refused.Length} refused by the tool, {faulty} by the engine");
        Assert.InRange(refused.Length, Iterations / 5, Iterations);
    }

    static byte[] Mutate(byte[][] sources, Random random, bool isTar)
    {
        byte[] source = [.. sources[random.Next(sources.Length)]];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = Place(source, random), count = random.Next(1, 600);
            switch (random.Next(isTar ? 10 : 8))
            {
                case 0:
                    source[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    source[at] = (byte)random.Next(256);
                    break;
                case 2:
                    source = source[..at];
                    break;
                case 3:
                    source.AsSpan(at, Math.Min(count, source.Length - at)).Clear();
                    break;
                case 4:
                    source = [.. source[..at], .. source[Math.Min(source.Length, at + count)..]];
                    break;
                case 5:
                    source = [.. source[..at], .. source[at..Math.Min(source.Length, at + count)], .. source[at..]];
                    break;
                case 6:
                    source[at] = ((byte[])[0, 1, 0x7F, 0x80, 0xFF, (byte)'0', (byte)'7', (byte)' '])[random.Next(8)];
                    break;
                case 7:
                    source = [.. source, .. new byte[count]];
                    source[^1] = (byte)random.Next(3);
                    break;
                default:
                    // A header that was changed by one who knows: its sum is right.
                    List<int> headers = [.. Enumerable.Range(0, source.Length / 512).Select(b => 512 * b)
                        .Where(b => source.AsSpan(b + 257).StartsWith("ustar"u8))];
                    if (headers.Count == 0)
                        break;
                    Span<byte> header = source.AsSpan(headers[random.Next(headers.Count)], 512);
                    (int start, int length) = (((int, int)[])[(100, 8), (124, 12), (136, 12), (156, 1), (257, 8)])[random.Next(5)];
                    header[start + random.Next(length)] = (byte)(random.Next(2) == 0 ? random.Next('0', '8') : random.Next(256));
                    TarBuilder.Sum(header);
                    break;
            }
            if (source.Length == 0)
                break;
        }
        return source;
    }

    /// <summary>Anywhere, with more weight near the beginning, the end and the headers, where less is only a picture.</summary>
    static int Place(byte[] source, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(source.Length, 600)),
        1 => source.Length - 1 - random.Next(Math.Min(source.Length, 600)),
        2 => 512 * random.Next(source.Length / 512 + 1) is var at && at < source.Length ? at : random.Next(source.Length),
        _ => random.Next(source.Length),
    };

    static byte[][] Tars()
    {
        byte[] one = TestImages.Bmp(1, 8), two = TestImages.Bmp(2, 16), three = TestImages.Bmp(3, 24);
        string name = new string('n', 120) + ".bmp";
        return [
            new TarBuilder().Add("d/one.bmp", one).Add("d/two.bmp", two).Add("d/three.bmp", three).End().ToArray(),
            new TarBuilder().Add("L", Encoding.ASCII.GetBytes(name + "\0"), 'L').Add(name[..100], one).Add("two.bmp", two, '\0')
                .End().Raw(new byte[2048]).ToArray(),
            new TarBuilder().Pax(("path", name), ("mtime", "12.5")).Add("short.bmp", one).Add("two.bmp", two).End().ToArray(),
            new TarBuilder().Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "three.bmp"),
                ("GNU.sparse.realsize", "1782"))
                .Add("GNUSparseFile.0/three.bmp", [.. Encoding.ASCII.GetBytes("1\n0\n1782\n".PadRight(512, '\0')), .. three])
                .Add("two.bmp", two).End().ToArray(),
        ];
    }

    static byte[][] Zips()
    {
        byte[] one = TestImages.Bmp(1, 8), two = TestImages.Bmp(2, 16), three = new byte[3000];
        return [
            new ZipBuilder().Add("d/one.bmp", one).Add("d/two.bmp", two).Add("d/three.bmp", three).ToArray(),
            new ZipBuilder().Add("one.bmp", one, method: 0).Add("two.bmp", two, flags: 8).ToArray("a comment"),
            new ZipBuilder().Add("one.bmp"u8.ToArray(), one, large: true).Add("two.bmp", three).ToArray(large: true),
        ];
    }
}
