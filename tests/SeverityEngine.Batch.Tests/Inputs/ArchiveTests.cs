using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>Archives of every form, sound and not, read by the engine's own readers.</summary>
public class ArchiveTests
{
    static readonly byte[] s_one = TestImages.Bmp(1, 8);
    static readonly byte[] s_two = TestImages.Bmp(2, 16);

    static TarBuilder Tar => new TarBuilder().Add("a.bmp", s_one);

    [Fact]
    public void Long_names_of_every_form_are_read()
    {
        string name = new string('d', 90) + "/" + new string('n', 90) + "é.bmp";
        byte[] tar = new TarBuilder()
            .Add("././@LongLink", Encoding.UTF8.GetBytes(name + "\0"), 'L').Add("cut", s_one)
            .Pax(("path", "x" + name)).Add("cut", s_two)
            .Add("y.bmp", s_one, change: h => TarBuilder.Put(h, 345, "prefix"))
            .Add("old.bmp", s_two, '\0', change: h => Array.Clear(h, 257, 8)).End().ToArray();
        byte[] gzip = TarBuilder.Gzip(tar);
        foreach ((string file, byte[] archive) in ((string, byte[])[])[("a.tar", tar), ("a.tgz", gzip), ("b.tar", gzip)])
        {
            List<ArchiveRow> rows = ArchiveRow.Of(file, archive);
            Assert.Equal([$"{file}/{name}", $"{file}/x{name}", $"{file}/prefix/y.bmp", $"{file}/old.bmp"], rows.Select(r => r.Name));
            Assert.Equal([s_one, s_two, s_one, s_two], rows.Select(r => r.Content));
        }
    }

    [Fact]
    public void A_name_of_a_gigabyte_takes_no_memory()
    {
        ArchiveRow row = ArchiveRow.Of("a.tar", new TarBuilder().Add("long", [], 'L', size: 1_000_000_000).End().ToArray()).Single();
        Assert.Contains("1048576", row.Fault);
        byte[] huge = new TarBuilder().Add("a.bmp", s_one, change: h =>
            Convert.FromHexString("800000007FFFFFFFFFFFFFFF").CopyTo(h, 124)).ToArray();
        Assert.All(ArchiveRow.Of("a.tar", huge), r => Assert.Contains("cut short", r.Fault));
    }

    [Fact]
    public void A_header_whose_sum_is_wrong_is_a_row_of_the_archive()
    {
        byte[] tar = Tar.Add("b.bmp", s_two).End().ToArray();
        tar[1024 + 3] ^= 4;
        List<ArchiveRow> rows = ArchiveRow.Of("a.tar", tar);
        Assert.Equal(["a.tar/a.bmp", "a.tar"], rows.Select(r => r.Name));
        Assert.Contains("the header at byte 1024 does not match its sum; do not trust its rows before this one", rows[1].Fault);
    }

    [Fact]
    public void A_sum_of_signed_bytes_is_right_too()
    {
        byte[] tar = new TarBuilder().Add("ä.bmp", s_one).End().ToArray();
        int sum = 8 * ' ' + tar.Take(512).Where((_, i) => i is < 148 or >= 156).Sum(b => (sbyte)b);
        TarBuilder.Put(tar, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0");
        Assert.Equal(s_one, ArchiveRow.Of("a.tar", tar).Single().Content);
    }

    [Fact]
    public void Two_blocks_of_zeros_or_the_end_end_a_tar_and_one_is_a_fault()
    {
        Assert.Equal("", ArchiveRow.Of("a.tar", Tar.ToArray()).Single().Fault);
        Assert.Equal("", ArchiveRow.Of("a.tar", Tar.Raw(new byte[512]).ToArray()).Single().Fault);
        Assert.Equal("", ArchiveRow.Of("a.tar", Tar.End().Add("b.bmp", s_two).ToArray()).Single().Fault);
        List<ArchiveRow> rows = ArchiveRow.Of("a.tar", Tar.Raw(new byte[512]).Add("b.bmp", s_two).ToArray());
        Assert.Equal(["a.tar/a.bmp", "a.tar"], rows.Select(r => r.Name));
        Assert.Contains("a block of zeros at byte 1024", rows[1].Fault);
    }

    [Fact]
    public void A_gzip_file_is_read_to_its_end()
    {
        byte[] tar = Tar.End().ToArray();
        byte[] gzip = TarBuilder.Gzip(tar);
        byte[] members = [.. TarBuilder.Gzip(tar[..700]), .. TarBuilder.Gzip([]), .. TarBuilder.Gzip(tar[700..])];
        foreach (byte[] sound in (byte[][])[gzip, members, [.. gzip, .. new byte[700]]])
            Assert.Equal(s_one, ArchiveRow.Of("a.tar.gz", sound).Single().Content);
        byte[] sum = [.. gzip];
        sum[^8] ^= 1;
        byte[] length = [.. gzip];
        length[^1] ^= 1;
        foreach ((byte[] archive, string fault) in ((byte[], string)[])[
            (sum, "do not match their checksum"), (length, "do not match their length"), (gzip[..^1], "cut short"),
                (gzip[..^9], "cut short"),
            ([.. gzip, 7], "something else follows"), ([.. gzip, .. new byte[9], 7], "something else follows"),
            ([.. members, .. gzip[..20]], "cut short")])
        {
            List<ArchiveRow> rows = ArchiveRow.Of("a.tar.gz", archive);
            Assert.Equal("a.tar.gz", rows[^1].Name);
            Assert.Contains(fault, rows[^1].Fault);
            Assert.Contains("do not trust its rows before this one", rows[^1].Fault);
        }
    }

    [Theory]
    [InlineData("a.tar")]
    [InlineData("a.tgz")]
    public void A_link_is_the_file_that_it_leads_to(string name)
    {
        byte[] tar = new TarBuilder().Add("./d/a.bmp", s_one).Add("d/data", s_two)
            .Add("d/hard.bmp", [], '1', "d/a.bmp").Add("e/soft.bmp", [], '2', "../d/data").Add("again.bmp", [], '2', "./e/soft.bmp")
            .Add("text", [], '1', "nothing")
            .Add("self.bmp", [], '2', "self.bmp").Add("out.bmp", [], '2', "../../x.bmp").Add("root.bmp", [], '2', "/d/a.bmp")
            .Add("later.bmp", [], '1', "z.bmp").Add("z.bmp", s_one).End().ToArray();
        List<ArchiveRow> rows = ArchiveRow.Of(name, name == "a.tgz" ? TarBuilder.Gzip(tar) : tar);
        Assert.Equal(["d/a.bmp", "d/hard.bmp", "e/soft.bmp", "again.bmp", "self.bmp", "out.bmp", "root.bmp", "later.bmp", "z.bmp"],
            rows.Select(r => r.Name[(name.Length + 1)..]));
        Assert.Equal([s_one, s_one, s_two, s_two], rows.Take(4).Select(r => r.Content));
        Assert.All(rows[4..8], r => Assert.Contains("is a link to", r.Fault));
        Assert.Equal(s_one, rows[8].Content);
    }

    [Fact]
    public void Devices_pipes_and_folders_count_where_they_are_called_as_images()
    {
        byte[] tar = new TarBuilder().Add("d/", [], '5').Add("pipe", [], '6').Add("pipe.bmp", [], '6').Add("null.bmp", [],
            '3').Add("d.bmp/", [], '5')
            .Add("odd.bmp", s_one, 'Q').End().ToArray();
        List<ArchiveRow> rows = ArchiveRow.Of("a.tar", tar);
        Assert.Equal(["a.tar/pipe.bmp", "a.tar/null.bmp", "a.tar/d.bmp/", "a.tar/odd.bmp"], rows.Select(r => r.Name));
        Assert.Equal([true, true, true, false], rows.Select(r => r.Fault.Length > 0));
    }

    [Theory]
    [InlineData("gnu")]
    [InlineData("posix --sparse-version=0.0")]
    [InlineData("posix --sparse-version=0.1")]
    [InlineData("posix --sparse-version=1.0")]
    public void A_sparse_file_is_expanded(string format)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs GNU tar");
        using TemporaryFolder folder = new();
        using (FileStream file = File.Create(folder["sparse.bmp"]))
        {
            // More pieces than one header holds.
            for (int i = 0; i < 40; i++)
            {
                file.Position = i * (64L << 10) + 5;
                file.Write(s_two);
            }
            file.SetLength(file.Length + 100_000);
        }
        File.WriteAllBytes(folder["z.bmp"], s_one);
        CommandResult packed = Command.Run("sh", ["-c",
            $"tar --format={format} --sparse --hole-detection=raw -cf a.tar sparse.bmp z.bmp"], folder.Path);
        Assert.True(packed.ExitCode == 0, packed.Error);
        Assert.True(new FileInfo(folder["a.tar"]).Length < 1 << 20);
        List<ArchiveRow> rows = ArchiveRow.Of(folder["a.tar"]);
        Assert.Equal(["a.tar/sparse.bmp", "a.tar/z.bmp"], rows.Select(r => r.Name));
        Assert.Equal(File.ReadAllBytes(folder["sparse.bmp"]), rows[0].Content);
        Assert.Equal(s_one, rows[1].Content);
    }

    [Fact]
    public void A_zip_may_stand_behind_a_program_and_its_comment_may_hold_its_mark()
    {
        byte[] zip = new ZipBuilder().Add("b.bmp", s_two, flags: 8).Add("a.bmp", s_one,
            method: 0).ToArray("PK\u0005\u0006" + new string('x', 30));
        byte[] large = new ZipBuilder().Add("b.bmp"u8.ToArray(), s_two, large: true).Add("a.bmp", s_one).ToArray(large: true);
        foreach (byte[] archive in (byte[][])[zip, [.. new byte[3000], .. zip], large, [.. large, .. new byte[10]],
            [.. new byte[77], .. large]])
        {
            List<ArchiveRow> rows = ArchiveRow.Of("a.zip", archive);
            Assert.Equal([("a.zip/a.bmp", ""), ("a.zip/b.bmp", "")], rows.Select(r => (r.Name, r.Fault)));
            Assert.Equal([s_one, s_two], rows.Select(r => r.Content));
        }
    }

    [Fact]
    public void Names_of_old_code_pages_stay_different()
    {
        byte[] zip = new ZipBuilder().Add([(byte)'M', 0x81, .. ".bmp"u8], s_one).Add([(byte)'M', 0x82, .. ".bmp"u8], s_two)
            .Add("Ü.bmp"u8.ToArray(), s_one).Add("../\u0007/x.bmp", s_two).ToArray();
        // A name with .. would lead elsewhere on a disk; here it is a name.
        string[] names = [.. ArchiveRow.Of("a.zip", zip).Select(r => r.Name)];
        Assert.Equal(["a.zip/../\u0007/x.bmp", "a.zip/Mé.bmp", "a.zip/Mü.bmp", "a.zip/Ü.bmp"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_odd_member_of_a_zip_is_one_row()
    {
        byte[] zip = new ZipBuilder().Add("a.bmp"u8.ToArray(), s_one, local: "b.bmp"u8.ToArray()).Add("c.txt"u8.ToArray(), s_one,
            local: "c.bmp"u8.ToArray())
            .Add("d.bmp", s_one).Add("d.bmp", s_two).Add("e.bmp", s_one, flags: 1).Add("f.bmp", s_one, method: 14).Add("g.bmp", s_one,
                method: 93)
            .Add("h.bmp", s_two).ToArray();
        List<ArchiveRow> rows = ArchiveRow.Of("x.zip", zip);
        Assert.Equal(["a.bmp", "c.txt", "d.bmp", "d.bmp", "e.bmp", "f.bmp", "g.bmp", "h.bmp"], rows.Select(r => r.Name["x.zip/".Length..]));
        foreach ((int row, string fault) in ((int, string)[])[(0, "calls it b.bmp"), (1, "calls it c.bmp"), (4, "encrypted"), (5, "LZMA"),
            (6, "Zstandard")])
            Assert.Contains(fault, rows[row].Fault);
        Assert.Single(rows[2..4], r => r.Fault.Contains("twice", StringComparison.Ordinal));
        Assert.Equal(s_two, rows[7].Content);
    }

    [Theory]
    [InlineData("a.tar.xz", "FD377A585A00", "an xz archive, which is not read; unpack it with tar -xf")]
    [InlineData("a.txz", "FD377A585A00", "an xz archive")]
    [InlineData("a.tbz2", "425A6839", "a bzip2 archive")]
    [InlineData("a.tar.zst", "28B52FFD", "a Zstandard archive")]
    [InlineData("a.7z", "377ABCAF271C", "a 7z archive, which is not read; unpack it, or pack it again as .zip")]
    [InlineData("a.rar", "526172211A0700", "an RAR archive")]
    [InlineData("a.png.gz", "1F8B08", "a gzip archive, which is not read; unpack it with gunzip")]
    [InlineData("a.tar", "FD377A585A00", "an xz archive")]
    [InlineData("a.tar.gz", "28B52FFD", "a Zstandard archive")]
    [InlineData("a.7z", "00000000", "is called as a 7z archive, and is none")]
    public void Archives_that_are_not_read_are_named(string name, string bytes, string fault)
    {
        ArchiveRow row = ArchiveRow.Of(name, Convert.FromHexString(bytes)).Single();
        Assert.Equal(name, row.Name);
        Assert.Contains(fault, row.Fault);
    }

    [Fact]
    public void What_GNU_gzip_packs_is_unpacked_at_every_level()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs gzip");
        using TemporaryFolder folder = new();
        byte[] noise = TestImages.Bmp(5, 300), zeros = new byte[400_000];
        byte[] text = Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 60_000).Select(i => i * i % 977)));
        byte[] tar = new TarBuilder().Add("noise.bmp", noise).Add("zeros.bmp", zeros).Add("text.bmp", text).End().ToArray();
        for (int level = 1; level <= 9; level += 2)
        {
            File.WriteAllBytes(folder["a.tar"], tar);
            Assert.Equal(0, Command.Run("gzip", [$"-{level}f", "a.tar"], folder.Path).ExitCode);
            Assert.Equal([noise, zeros, text], ArchiveRow.Of(folder["a.tar.gz"]).Select(r => r.Content));
        }
    }
}
