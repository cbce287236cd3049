using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Merge;

/// <summary>
/// Makes one file of the rows of several runs: in natural order, each image once, and says what is missing. Memory does not grow with the
/// number of rows.
/// </summary>
sealed class RowMerge
{
    /// <summary>How many bytes of rows are sorted in memory at once.</summary>
    public const int UsualRoom = 128 << 20;

    /// <summary>How many missing images a message names.</summary>
    const int MostNamed = 5;

    readonly MergeColumns _columns = new();
    readonly List<MergeModel> _models = [];
    long _read;

    /// <summary>The files of rows.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>A list of the images that rows are expected of; null for none.</summary>
    public PathList? Expected { get; init; }

    /// <summary>Gets the name of each that has no row.</summary>
    public Action<string>? Missing { get; init; }

    /// <summary>Whether rows of several models or versions of the engine are merged.</summary>
    public bool IsMixed { get; init; }

    /// <summary>Where what does not fit into memory is kept.</summary>
    public required string Temporary { get; init; }

    /// <summary>How many bytes of rows are sorted in memory at once.</summary>
    public int Room { get; init; } = UsualRoom;

    /// <summary>Gets what is odd.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Hears how far it has come, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Ends it.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Merges.</summary>
    /// <param name="open">
    /// Makes the writer; the columns are known by then, and what made all rows, which is null where they are of several.
    /// </param>
    /// <exception cref="SeverityException">
    /// A file that cannot be read; <see cref="SeverityError.InvalidArgument"/>: one that holds no rows, and rows of several models.
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="Stop"/>.</exception>
    public MergeCounts Run(Func<MergeColumns, MergeModel?, IMergedRows> open)
    {
        using MergeSort sort = new(Temporary, Room);
        ReadAll(sort);
        if (!IsMixed)
            RequireOneModel();
        using IMergedRows writer = open(_columns, _models is [var model] ? model : null);
        MergeCounts counts = Write(sort, writer);
        writer.Complete();
        return counts;
    }

    void ReadAll(MergeSort sort)
    {
        // The newest file's row is kept; where times are equal, that of the file that is named last.
        int[] byAge = [.. Enumerable.Range(0, Rows.Count).OrderBy(i => System.IO.File.GetLastWriteTimeUtc(Rows[i])).ThenBy(i => i)];
        long total = Rows.Sum(path => System.IO.File.Exists(path) ? new FileInfo(path).Length : 0), before = 0;
        for (int age = 0; age < byAge.Length; age++)
        {
            string path = Rows[byAge[age]];
            using RowSource source = new(path, _columns);
            for (long place = 0; source.Read(); place++, _read++)
            {
                Stop.ThrowIfCancellationRequested();
                UInt128 content = ResumeIndex.ContentOf(source.Sha256);
                sort.Add(new MergeKey(source.File, source.IsScored ? MergeState.Scored : MergeState.Faulty, content,
                    ModelOf(source, path), age, place), source.Cells);
                // Half of the work is done when all is read.
                if (place % 1024 == 0)
                    Progress?.Report(0.5 * (before + source.Position) / Math.Max(1, total));
            }
            before += source.Length;
            if (source.IsTorn)
                Warn($"{path}: its last row is cut short and left out; score its image again with the run's own command and --resume");
        }
        foreach (string name in Expected?.Paths() ?? [])
        {
            Stop.ThrowIfCancellationRequested();
            sort.Add(new MergeKey(name, MergeState.Expected, 0, 0, 0, 0), []);
        }
    }

    MergeCounts Write(MergeSort sort, IMergedRows writer)
    {
        MergeCounts counts = new();
        string? file = null;
        bool isExpected = false;
        (UInt128 Content, int Model)? last = null;
        long ofFile = 0;
        foreach (MergeItem item in sort.Sorted())
        {
            Stop.ThrowIfCancellationRequested();
            MergeKey key = item.Key;
            if (key.File != file)
            {
                EndFile();
                (file, isExpected, last, ofFile) = (key.File, false, null, 0);
            }
            if (key.State == MergeState.Expected)
            {
                isExpected = true;
                continue;
            }
            // What could not be read gives way to any row of its image.
            if (last == (key.Content, key.Model) || (key.Content == 0 && ofFile > 0))
            {
                counts.Duplicates++;
                continue;
            }
            last = (key.Content, key.Model);
            writer.Write(item.Cells);
            ofFile++;
            counts.Rows++;
            counts.Faulty += key.State == MergeState.Faulty ? 1 : 0;
            counts.Ambiguous += ofFile == 2 && !IsMixed ? 1 : 0;
            if (counts.Rows % 1024 == 0)
                Progress?.Report(0.5 + 0.5 * (counts.Rows + counts.Duplicates) / _read);
        }
        EndFile();
        return counts;

        void EndFile()
        {
            if (file is null || Expected is null)
                return;
            counts.Expected += isExpected ? 1 : 0;
            counts.Unexpected += isExpected ? 0 : 1;
            if (!isExpected || ofFile > 0)
                return;
            if (counts.Missing++ < MostNamed)
                counts.SomeMissing.Add(file);
            Missing?.Invoke(file);
        }
    }

    int ModelOf(RowSource row, string path)
    {
        for (int i = 0; i < _models.Count; i++)
        {
            MergeModel known = _models[i];
            if (known.Sha256 == row.ModelSha256 && known.Engine == row.EngineVersion)
                return known.Model;
        }
        if (row.ModelSha256.Length == 0 && !IsMixed)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{path}: the row of {row.File} does not say which model made it; --mixed merges it all the same");
        }
        // Another version of the engine is another run of the same model.
        int same = _models.FindIndex(known => known.Sha256 == row.ModelSha256);
        int model = same < 0 ? _models.Count : _models[same].Model;
        _models.Add(new MergeModel(model, row.Model, row.ModelSha256, row.EngineVersion, path));
        return model;
    }

    void RequireOneModel()
    {
        if (_models.Count < 2)
            return;
        MergeModel one = _models[0], other = _models[1];
        string what = one.Sha256 != other.Sha256
            ? $"{one.Path} has rows of the model {one.Name} (SHA-256 {Short(one)}...), and {other.Path} of {other.Name} ({Short(other)}...)"
            : $"{one.Path} has rows of the engine's version {one.Engine}, and {other.Path} of {other.Engine}";
        throw new SeverityException(SeverityError.InvalidArgument, $"{what}; merge those of one, or all of them with --mixed");

        static string Short(MergeModel model) => model.Sha256[..Math.Min(12, model.Sha256.Length)];
    }
}

/// <summary>What made rows.</summary>
/// <param name="Model">The model's number: those of one content have one.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">The hash of its file.</param>
/// <param name="Engine">The version of the engine.</param>
/// <param name="Path">A file of rows that it made.</param>
sealed record MergeModel(int Model, string Name, string Sha256, string Engine, string Path);

/// <summary>What came of a merge.</summary>
sealed class MergeCounts
{
    /// <summary>Rows that were written.</summary>
    public long Rows { get; set; }

    /// <summary>Of them, those without a score.</summary>
    public long Faulty { get; set; }

    /// <summary>Rows that were dropped, as a newer one of the same image was there.</summary>
    public long Duplicates { get; set; }

    /// <summary>Names that have rows of several contents.</summary>
    public long Ambiguous { get; set; }

    /// <summary>Names of the list.</summary>
    public long Expected { get; set; }

    /// <summary>Of them, those without a row.</summary>
    public long Missing { get; set; }

    /// <summary>Some of those, in order.</summary>
    public List<string> SomeMissing { get; } = [];

    /// <summary>Names with rows that the list does not have.</summary>
    public long Unexpected { get; set; }
}
