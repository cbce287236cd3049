using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Watch;

/// <summary>
/// A run of <c>severity watch</c>: scores what lies in a folder and what arrives there. Its state is the file of rows: a file whose name
/// and content have no row is to be scored. So a run that was killed is gone on with by the next.
/// </summary>
/// <param name="options">What is watched, and what is made of it.</param>
/// <param name="modelFile">The model.</param>
/// <param name="host">The program around it.</param>
sealed class WatchRun(WatchOptions options, ModelFile modelFile, IRunHost host)
{
    /// <summary>How far up it is looked whether a folder is below another.</summary>
    const int MostUp = 64;

    /// <summary>Runs until the host wants to stop.</summary>
    /// <returns>0.</returns>
    /// <exception cref="SeverityException">A fault of the model, of the folder, or of an output.</exception>
    public int Run()
    {
        if (!Directory.Exists(options.Folder))
            throw new SeverityException(SeverityError.FileNotFound, $"{options.Folder}: no such folder; make it, or check the path");
        ResultOutput output = options.Output;
        output.RequireReplaceable();
        OutputGuard.RequireOthers([("-o", output.File!)], [modelFile.Source]);
        options.Saliency?.Prepare([], force: false);
        options.Dicom?.Prepare([], force: false);
        options.Saliency?.ReplaceNothing();
        options.Dicom?.ReplaceNothing();
        MovedFiles? done = Moved("--move-done", options.MoveDone), failed = Moved("--move-failed", options.MoveFailed);

        NameIndex index = new();
        RowModels models = new();
        Extras extras = new(options.Findings, Features: false, Intervals: false, options.Saliency) { Dicom = options.Dicom };
        using EndlessRun run = new(modelFile, options.TrustModel, options.Threads, extras, host, options.RefuseOutside)
        {
            Limits = options.Limits,
            Quiet = output.Quiet,
            Known = index,
        };
        output = output with
        {
            Found = row =>
            {
                models.Add(row);
                index.Add(row);
            },
        };
        RowSchema schema = RowSchema.For(options.Findings ? run.Model.Labels : [], saliency: options.Saliency is not null,
            dicom: options.Dicom is not null, uids: options.Limits.Dicom.Uids);
        // It is held: a second run with these rows is refused.
        using RowFile rows = (RowFile)output.Open(schema, host);
        models.RequireOnly(run.Stamp, output.File);
        using IScoreWriter writer = output.Writer(rows, schema, model: null);
        LeftOut leftOut = new()
        {
            File = (name, _) =>
            {
                if (Archive.Is(name) && !output.Quiet)
                    host.Warning($"{name}: is an archive, which is not entered here; unpack it, or score it by severity predict");
            },
        };
        string[] excluded = [.. options.Saliency?.Folders ?? [], .. options.Dicom?.Folders ?? [],
            .. new[] { options.MoveDone, options.MoveFailed }.OfType<string>()];
        using FolderSearch search = new(options, excluded, leftOut, host);
        WatchedFolder folder = new(options, index, search, leftOut, host)
        {
            Done = done,
            Failed = failed,
            Synchronize = () => run.TrySynchronize(rows),
        };
        host.Line($"severity: watches {options.Folder}{(options.Recursive ? " and the folders below" : "")}"
            + $"{(search.IsPolling ? $", every {search.Poll.TotalSeconds} s" : "")}; rows go to {output.File}. "
            + "Research only, not for medical use.");
        run.Run(folder, writer);
        writer.Complete();
        folder.Close();
        foreach (string line in leftOut.Lines())
            host.Line($"severity: {line}");
        host.Line($"severity: ended after {Amount.Of(run.Written, "row")}; what has none yet is scored by the next start");
        return 0;
    }

    MovedFiles? Moved(string option, string? folder)
    {
        if (folder is null)
            return null;
        MovedFiles moved = new(folder);
        moved.Prepare();
        // A folder below a link is below that which the link leads to, so that the system goes up, not the path's text.
        string at = options.Folder;
        for (int up = 0; up < MostUp; up++, at = Path.Join(at, ".."))
        {
            if (FileIdentity.AreSame(at, folder))
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"{option} {folder}: the files that are moved there would be found in {options.Folder} again; "
                    + "name a folder beside or below it");
            }
        }
        return moved;
    }
}
