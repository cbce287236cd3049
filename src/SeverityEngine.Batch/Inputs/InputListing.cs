using System.Text;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// What a run would score, what not, and why, a line each on standard output. Of files the first bytes alone are read, so that damage
/// further on is not seen.
/// </summary>
/// <param name="inputs">What is named.</param>
/// <param name="limits">Which files are too large.</param>
/// <param name="relativeTo">A folder that files are named from; null for files as they were named.</param>
/// <param name="host">Hears the sum of it, and stops it.</param>
sealed class InputListing(InputList inputs, ImageLimits limits, string? relativeTo, IRunHost host)
{
    readonly RowErrorText _errors = new();
    long _scored, _faulty, _leftOut, _folders;

    /// <summary>Lists it.</summary>
    /// <returns>0; 130 or 143 after a signal.</returns>
    /// <exception cref="SeverityException">
    /// The list of paths cannot be read; <see cref="SeverityError.FileNotFound"/>: there is nothing to score.
    /// </exception>
    public int Run()
    {
        using StreamWriter lines = new(StandardStreams.OpenOutput(), new UTF8Encoding(false), 4096);
        LeftOut leftOut = new()
        {
            Shard = inputs.Shard,
            File = (name, why) => Say(lines, "left out", name, why, ref _leftOut),
            Folder = name => Say(lines, "left out", name, "a folder below; --recursive enters it", ref _folders),
        };
        long elsewhere = 0;
        foreach (InputItem named in inputs.Enumerate(leftOut))
        {
            if (host.StopExitCode != 0)
                return host.StopExitCode;
            if (named.IsElsewhere)
            {
                elsewhere++;
                continue;
            }
            InputItem input = relativeTo is null ? named : named.From(relativeTo);
            try
            {
                string format = input.ReadStart(limits) is { } start ? ImageDecoder.Recognize(start, named.Name).Name
                    : "not looked into before it is read";
                Say(lines, "score", input.Name, format, ref _scored);
            }
            catch (SeverityException e)
            {
                Say(lines, "error", input.Name, _errors.Of(e, named.Name), ref _faulty);
            }
        }
        lines.Flush();
        if (_scored + _faulty + elsewhere == 0)
            throw leftOut.NoImages();
        host.Line($"severity: {Amount.Of(_scored, "image")} would be scored, {_faulty} would be {(_faulty == 1 ? "an error" : "errors")}, "
            + $"{Amount.Of(_leftOut, "file")} and {Amount.Of(_folders, "folder")} left out"
            + (inputs.Shard is null ? "" : $", {Amount.Of(elsewhere, "input")} in other shards") + "; nothing was scored");
        return 0;
    }

    static void Say(StreamWriter lines, string what, string name, string why, ref long count)
    {
        count++;
        lines.Write($"{what,-8}  {Printable.Text(name)}: {Printable.Text(why)}\n");
    }
}
