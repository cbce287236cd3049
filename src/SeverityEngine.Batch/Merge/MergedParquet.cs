using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Merge;

/// <summary>
/// Rows of Parquet. A program beside this one makes them, as the library that it uses publishes with warnings: it gets a heading and rows
/// of jsonl through a pipe, and answers with the file through another. What stands under a name is decided here, as for any format.
/// </summary>
sealed class MergedParquet : IMergedRows
{
    const string Program = "severity-parquet";

    readonly RowOutput _output;
    readonly Process _process;
    readonly MergedJson _rows;
    readonly Task _answer;
    readonly Task<string> _said;

    /// <param name="columns">The columns.</param>
    /// <param name="model">What made all rows; null where they are of several.</param>
    /// <param name="output">Gets the file, which this owns.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.RuntimeUnavailable"/>: the program cannot be started.</exception>
    public MergedParquet(MergeColumns columns, MergeModel? model, RowOutput output)
    {
        _output = output;
        try
        {
            _process = Start();
        }
        catch
        {
            output.Dispose();
            throw;
        }
        _answer = Task.Factory.StartNew(PassOn, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _said = _process.StandardError.ReadToEndAsync();
        _rows = new MergedJson(columns, new StreamOutput(_process.StandardInput.BaseStream), Heading(columns, model));
    }

    /// <summary>Where the program has to lie: beside this one, whatever links lead to that.</summary>
    static string Path => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(Environment.ProcessPath) ?? "", OperatingSystem.IsWindows() ? $"{Program}.exe" : Program);

    /// <summary>Refuses what cannot be written, before anything is read.</summary>
    /// <param name="output">The file, for the message.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.RuntimeUnavailable"/>: the program is not there.</exception>
    public static void RequireProgram(string output)
    {
        if (!File.Exists(Path))
        {
            throw new SeverityException(SeverityError.RuntimeUnavailable,
                $"-o {output}: Parquet is written by a program of its own, {Path}, which is not there; put {Program} of the same release "
                + "there, or name a .csv or .jsonl file, which need no other program");
        }
    }

    public void Write(ReadOnlySpan<byte> cells)
    {
        try
        {
            _rows.Write(cells);
        }
        catch (IOException e)
        {
            throw Fault() ?? e;
        }
    }

    public void Complete()
    {
        try
        {
            _rows.Complete();
            _process.StandardInput.Close();
        }
        catch (IOException e)
        {
            throw Fault() ?? e;
        }
        if (Fault() is { } fault)
            throw fault;
        _output.Complete();
    }

    public void Dispose()
    {
        // Without Complete nobody needs what it still makes; after it, it has ended.
        End();
        _ = Fault();
        _rows.Dispose();
        _process.Dispose();
        _output.Dispose();
    }

    static Process Start()
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Path)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new SeverityException(SeverityError.RuntimeUnavailable, $"{Path}, which writes Parquet, cannot be started: "
                + $"{FileFaults.Reason(e)}; install it anew, or name a .csv or .jsonl file", e);
        }
    }

    /// <summary>What stands before the rows; the other program's Heading reads it.</summary>
    static byte[] Heading(MergeColumns columns, MergeModel? model)
    {
        using MemoryStream heading = new();
        using (Utf8JsonWriter writer = new(heading))
        {
            writer.WriteStartObject();
            writer.WriteString("version", SeverityRuntime.EngineVersion);
            writer.WriteStartArray("columns");
            foreach (MergeColumn column in columns.InOrder().Select(i => columns[i]))
            {
                writer.WriteStartObject();
                writer.WriteStartArray("path");
                foreach (string name in column.Path)
                    writer.WriteStringValue(name);
                writer.WriteEndArray();
                writer.WriteString("type", column.Type.ToString().ToLowerInvariant());
                writer.WriteBoolean("required", column.Name == RowSchema.File.Name);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartObject("metadata");
            if (model is not null)
            {
                writer.WriteString("severity.engine_version", model.Engine);
                writer.WriteString("severity.model", model.Name);
                writer.WriteString("severity.model_sha256", model.Sha256);
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        heading.WriteByte((byte)'\n');
        return heading.ToArray();
    }

    /// <summary>Passes the file on as it comes.</summary>
    void PassOn()
    {
        try
        {
            byte[] buffer = new byte[1 << 17];
            while (_process.StandardOutput.BaseStream.Read(buffer) is > 0 and var read)
                _output.Write(buffer.AsSpan(0, read));
        }
        catch
        {
            // Whoever writes rows is not to wait for a reader that waits for this.
            End();
            throw;
        }
    }

    void End()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>Waits for the program's end.</summary>
    /// <returns>
    /// Why there is no whole file: what could not be written here, or what the other program says; null where there is one.
    /// </returns>
    Exception? Fault()
    {
        try
        {
            _answer.Wait();
        }
        catch (AggregateException e)
        {
            return e.InnerException;
        }
        _process.WaitForExit();
        if (_process.ExitCode == 0)
            return null;
        string said = _said.Result.Trim();
        if (said.Length == 0)
            said = $"{Program} ended with exit code {_process.ExitCode} and without a word; name a .csv or .jsonl file";
        return new SeverityException(_process.ExitCode == SeverityError.InvalidArgument.ExitCode()
            ? SeverityError.InvalidArgument : SeverityError.Internal, $"Parquet cannot be written: {said}");
    }
}
