using System.Formats.Tar;
using System.IO.Compression;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>Parts of the inputs for several machines: together they are all of them, and no two share one.</summary>
public sealed class ShardTests : IDisposable
{
    const string Letters = "abcüß 胸_-.0123456789";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 7)]
    [InlineData(4, 200)]
    public void Every_input_of_a_random_tree_is_in_one_shard_whatever_the_order(int seed, int count)
    {
        Random random = new(seed);
        MakeTree(random);
        string tar = _folder["z.tar"], zip = _folder["z.zip"];
        TarFile.CreateFromDirectory(_folder["x"], tar, includeBaseDirectory: false);
        ZipFile.CreateFromDirectory(_folder["x"], zip);
        string[] inputs = [_folder["x"], tar, zip, _folder["x"] + "/*/*.bmp", "/no/such.png"];
        string[] all = [.. Names(inputs, null)];
        Assert.True(all.Length > 60);
        Dictionary<string, int> shardOf = [];
        List<string> sharded = [];
        for (int i = 0; i < count; i++)
        {
            // Each machine may name the inputs in its own order, and the counts are those that the progress shows.
            random.Shuffle(inputs);
            Shard shard = Shard.Parse($"{i}/{count}", _ => null);
            string[] names = [.. Names(inputs, shard)];
            sharded.AddRange(names);
            Assert.All(names, name => Assert.Equal(i, shardOf.TryAdd(name, i) ? i : shardOf[name]));
        }
        Assert.Equal(all.Order(StringComparer.Ordinal), sharded.Order(StringComparer.Ordinal));
        // Not all in one: of n names some (n / count) fall into each, and twice that is far outside chance.
        if (count is 2 or 7)
            Assert.All(shardOf.Values.GroupBy(i => i), g => Assert.InRange(g.Count(), 1, 2 * all.Length / count));
    }

    [Fact]
    public void Machines_that_see_the_files_in_other_places_agree_where_names_are_told_from_a_folder()
    {
        MakeTree(new Random(5));
        Directory.CreateSymbolicLink(_folder["y"], _folder["x"]);
        Shard shard = Shard.Parse("1/3", _ => null);
        string[] here = [.. Names([_folder["x"]], shard with { RelativeTo = _folder["x"] }).Select(n => n[_folder["x"].Length..])];
        string[] there = [.. Names([_folder["y"]], shard with { RelativeTo = _folder["y"] }).Select(n => n[_folder["y"].Length..])];
        Assert.NotEmpty(here);
        Assert.Equal(here, there);
    }

    [Fact]
    public void What_is_left_out_is_counted_in_one_shard_and_another_shards_files_are_not_looked_into()
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"{i:00}")];
        Directory.CreateDirectory(_folder["cd"]);
        foreach (string name in names)
            File.WriteAllText(_folder[$"cd/{name}"], "no picture");
        File.WriteAllText(_folder["cd/notes.txt"], "");
        List<string> leftOut = [];
        for (int i = 0; i < 4; i++)
        {
            Shard shard = Shard.Parse($"{i}/4", _ => null);
            LeftOut counted = new() { Shard = shard, File = (name, _) => leftOut.Add(Path.GetFileName(name)) };
            InputItem[] found = [.. new InputList([_folder["cd"]]) { Shard = shard }.Enumerate(counted)];
            // Of another shard's files the name alone counts: it may be DICOM, though a look would tell that it is not.
            Assert.All(found, item => Assert.True(item.IsElsewhere));
            Assert.Equal(names.Where(n => !shard.Takes(_folder[$"cd/{n}"])), found.Select(item => Path.GetFileName(item.Name)));
        }
        Assert.Equal(names.Append("notes.txt").Order(), leftOut.Order());
    }

    [Fact]
    public void The_commands_shards_together_give_the_rows_and_maps_of_one_run()
    {
        Directory.CreateDirectory(_folder["x/deep"]);
        foreach ((string name, int i) in ((string[])["a.bmp", "deep/a.bmp", "b.bmp", "c.bmp", "d.bmp"]).Select((n, i) => (n, i)))
            File.WriteAllBytes(_folder[$"x/{name}"], TestImages.Bmp(20 + i));
        CommandResult whole = Predict("-o", "all.csv", "--saliency", "maps");
        Assert.Equal(0, whole.ExitCode);
        string[] rows = File.ReadAllLines(_folder["all.csv"]);
        List<string> sharded = [];
        for (int i = 1; i <= 8; i++)
        {
            CommandResult part = Predict("-o", $"part-{i}.csv", "--saliency", "maps-of-shards", "--shard", $"{i}/8");
            Assert.Equal(0, part.ExitCode);
            string[] lines = File.ReadAllLines(_folder[$"part-{i}.csv"]);
            Assert.Equal(rows[0], lines[0]);
            sharded.AddRange(lines[1..]);
            Assert.Contains($"severity: shard {i % 8} of 0 to 7; {Plural(5 - (lines.Length - 1))} in the others", part.Error);
        }
        Assert.Equal(rows[1..].Select(FileOf).Order(), sharded.Select(FileOf).Order());
        // Five images fall into at most five of eight shards: an empty one is a table without rows.
        Assert.Equal(Files("maps"), Files("maps-of-shards"));

        string FileOf(string row) => row.Split(',')[0];
        string Plural(int count) => count == 1 ? "1 input" : $"{count} inputs";
        IEnumerable<string> Files(string folder) =>
            Directory.GetFiles(_folder[folder], "*", SearchOption.AllDirectories).Select(f => f[_folder[folder].Length..]).Order();
    }

    [Fact]
    public void A_listing_shows_the_shard_alone()
    {
        MakeTree(new Random(6));
        CommandResult listed = Command.Run(Command.Binary, ["predict", "x", "-r", "--list", "--shard", "2/5"], _folder.Path);
        Assert.Equal(0, listed.ExitCode);
        Shard shard = Shard.Parse("2/5", _ => null);
        string[] scored =
            [.. listed.Lines.Where(l => l.StartsWith("score ", StringComparison.Ordinal)).Select(l => l[10..].Split(": ")[0])];
        Assert.NotEmpty(scored);
        Assert.All(scored, name => Assert.True(shard.Takes(name)));
        Assert.Contains(" in other shards; nothing was scored", listed.Error);
    }

    [Theory]
    [InlineData("0/1", 0, 1)]
    [InlineData("3/4", 3, 4)]
    [InlineData("4/4", 0, 4)]
    [InlineData("auto", 2, 4, "SLURM_ARRAY_TASK_ID=2", "SLURM_ARRAY_TASK_COUNT=4", "SLURM_ARRAY_TASK_MIN=0")]
    [InlineData("auto", 1, 4, "SLURM_ARRAY_TASK_ID=2", "SLURM_ARRAY_TASK_COUNT=4", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_STEP=1")]
    [InlineData("auto", 3, 4, "SLURM_ARRAY_TASK_ID=16", "SLURM_ARRAY_TASK_COUNT=4", "SLURM_ARRAY_TASK_MIN=10", "SLURM_ARRAY_TASK_STEP=2")]
    [InlineData("auto/4", 2, 4, "SLURM_ARRAY_TASK_ID=2", "SLURM_ARRAY_TASK_COUNT=1", "SLURM_ARRAY_TASK_MIN=2")]
    [InlineData("auto/4", 3, 4, "JOB_COMPLETION_INDEX=3")]
    [InlineData("auto/1", 0, 1, "JOB_COMPLETION_INDEX=0")]
    public void A_shard_is_spelled_or_taken_from_a_schedulers_environment(string text, int index, int count, params string[] environment) =>
        Assert.Equal(new Shard(index, count), Shard.Parse(text, Environment(environment)));

    [Theory]
    [InlineData("", "I/N")]
    [InlineData("2", "I/N")]
    [InlineData("1/2/3", "I/N")]
    [InlineData("x/3", "I/N")]
    [InlineData("-1/3", "I/N")]
    [InlineData("1/0", "1 to 1000000")]
    [InlineData("1/x", "1 to 1000000")]
    [InlineData("0/1000001", "1 to 1000000")]
    [InlineData("5/4", "0 to 3")]
    [InlineData("auto", "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX")]
    [InlineData("auto", "SLURM_ARRAY_TASK_COUNT is not", "SLURM_ARRAY_TASK_ID=2")]
    [InlineData("auto", "is no number", "SLURM_ARRAY_TASK_ID=x")]
    [InlineData("auto", "task 9 is none of 4", "SLURM_ARRAY_TASK_ID=9", "SLURM_ARRAY_TASK_COUNT=4")]
    [InlineData("auto", "task 3 is none of 2", "SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_COUNT=2", "SLURM_ARRAY_TASK_STEP=2")]
    [InlineData("auto/4", "task 5 is none of 4", "SLURM_ARRAY_TASK_ID=5")]
    [InlineData("auto", "auto/N", "JOB_COMPLETION_INDEX=3")]
    [InlineData("auto/3", "JOB_COMPLETION_INDEX is 3", "JOB_COMPLETION_INDEX=3")]
    public void What_is_no_shard_is_refused(string text, string fault, params string[] environment)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => Shard.Parse(text, Environment(environment)));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Contains(fault, error.Message);
    }

    static Func<string, string?> Environment(string[] variables) => name =>
        variables.Select(v => v.Split('=')).FirstOrDefault(v => v[0] == name)?[1];

    static IEnumerable<string> Names(string[] inputs, Shard? shard)
    {
        InputList list = new(inputs, Recursive: true) { Shard = shard };
        return list.Enumerate(new LeftOut()).Where(item => !item.IsElsewhere).Select(item => item.Name);
    }

    void MakeTree(Random random)
    {
        for (int i = 0; i < 30; i++)
        {
            string folder = string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => $"{(char)('a' + random.Next(3))}/"));
            Directory.CreateDirectory(_folder[$"x/{folder}"]);
            string name = new([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Letters[random.Next(Letters.Length)])]);
            File.WriteAllBytes(_folder[$"x/{folder}i{i}{name}.bmp"], TestImages.Bmp(i));
        }
    }

    CommandResult Predict(params string[] arguments) =>
        Command.Run(Command.Binary, ["predict", "x", "-r", .. arguments], _folder.Path);
}
