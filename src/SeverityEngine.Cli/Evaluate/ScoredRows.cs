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
            ScoredTable? table = null;
            run.Run(row =>
            {
                table ??= new ScoredTable("the images", new ModelStamp(run.Model!.Name, run.Model.Version, file.Sha256));
                table.Add(row);
            });
            if (table is not null)
                files.Add(ResultFile.Read(table.ToTable()));
        }
        return new ScoredRows(files);
    }
}
