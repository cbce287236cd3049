using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Cli.Evaluate;

/// <summary>The rows that a command line names, and those of the images that it names, which are scored for it.</summary>
sealed class ScoredRows
{
    static readonly string[] s_extensions = [".csv", ".tsv", ".jsonl", ".json", ".ndjson"];

    ScoredRows(IReadOnlyList<IReadOnlyList<ResultRow>> files) => Files = files;

    /// <summary>The rows of each file; the images' come last.</summary>
    public IReadOnlyList<IReadOnlyList<ResultRow>> Files { get; }

    /// <summary>Whether a path is one of rows: by its extension.</summary>
    public static bool IsRows(string path) =>
        s_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && !Directory.Exists(path);

    /// <summary>Reads the rows, and scores the images where there are any.</summary>
    /// <param name="inputs">Both, as the command line names them.</param>
    /// <param name="model">Finds the model that scores.</param>
    /// <param name="scoring">Makes the run over images.</param>
    /// <exception cref="SeverityException">A file of rows cannot be read; a fault of the model; there are no images.</exception>
    public static ScoredRows Read(InputList inputs, Func<ModelFile> model, Func<InputList, ModelFile, ScoringRun> scoring)
    {
        List<IReadOnlyList<ResultRow>> files = [.. inputs.Paths.Where(IsRows).Select(ResultFile.Read)];
        InputList images = inputs with { Paths = [.. inputs.Paths.Where(p => !IsRows(p))] };
        if (images.Paths.Count > 0 || images.List is not null)
        {
            ModelFile file = model();
            ScoringRun run = scoring(images, file);
            if (Score(run, file) is { } rows)
                files.Add(rows);
        }
        return new ScoredRows(files);
    }

    /// <summary>Scores images, and gives their rows as a file of them would be read.</summary>
    /// <param name="run">The run over the images.</param>
    /// <param name="model">The model that scores.</param>
    /// <param name="also">Told of each image too, in the rows' order; null for nobody.</param>
    /// <returns>The rows; null where the run was stopped before the first.</returns>
    /// <exception cref="SeverityException">As for <see cref="ScoringRun.Run"/>.</exception>
    public static IReadOnlyList<ResultRow>? Score(ScoringRun run, ModelFile model, Action<ScoreRow>? also = null)
    {
        ScoredTable? table = null;
        run.Run(row =>
        {
            table ??= new ScoredTable("the images", new ModelStamp(run.Model!.Name, run.Model.Version, model.Sha256));
            table.Add(row);
            also?.Invoke(row);
        });
        return table is null ? null : ResultFile.Read(table.ToTable());
    }
}
