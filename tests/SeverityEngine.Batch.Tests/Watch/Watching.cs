using System.Security.Cryptography;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Batch.Watch;

namespace SeverityEngine.Batch.Tests.Watch;

/// <summary>A folder that is watched, around a run that reads files and scores none.</summary>
sealed class Watching : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly ManualResetEventSlim _open = new(initialState: true);
    readonly List<ScoreRow> _rows = [];
    readonly NameIndex _index;
    readonly FolderSearch _search;
    readonly WatchedFolder _folder;
    readonly Thread _thread;
    Exception? _fault;

    public Watching(string folder, Func<WatchOptions, WatchOptions>? with = null, NameIndex? index = null, string[]? excluded = null)
    {
        WatchOptions options = new(folder, new ResultOutput(Path.Combine(folder, "rows.jsonl"), null, Resume: true))
        {
            Recursive = true,
            Settle = TimeSpan.FromMilliseconds(100),
        };
        options = with?.Invoke(options) ?? options;
        _index = index ?? new NameIndex();
        _search = new FolderSearch(options, excluded ?? [], LeftOut, Host);
        _folder = new WatchedFolder(options, _index, _search, LeftOut, Host)
        {
            Synchronize = () => IsSafe,
            Done = options.MoveDone is { } done ? new MovedFiles(done) : null,
        };
        _thread = new Thread(Run);
        _thread.Start();
    }

    public SilentHost Host { get; } = new();

    public LeftOut LeftOut { get; } = new();

    /// <summary>Whether the disk takes rows.</summary>
    public bool IsSafe { get; set; } = true;

    /// <summary>The rows that were made, and not those that were there.</summary>
    public ScoreRow[] Rows
    {
        get
        {
            lock (_rows)
                return [.. _rows];
        }
    }

    public IEnumerable<string> Names => Rows.Select(r => Path.GetFileName(r.Name)).Order(StringComparer.Ordinal);

    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    public void WaitFor(int rows)
    {
        Assert.True(SpinWait.SpinUntil(() => Rows.Length >= rows || _fault is not null, TimeSpan.FromSeconds(60)),
            $"{Rows.Length} rows of {rows}: {string.Join('\n', Host.Said)}");
        Assert.Null(_fault);
        Assert.Equal(rows, Rows.Length);
    }

    /// <summary>Waits as long as any file takes to be found and to settle.</summary>
    public static void Pause() => Thread.Sleep(700);

    public void Dispose()
    {
        _stop.Cancel();
        _open.Set();
        _thread.Join();
        _folder.Close();
        _search.Dispose();
        _open.Dispose();
        _stop.Dispose();
        Assert.Null(_fault);
    }

    void Run()
    {
        try
        {
            foreach (InputItem input in _folder.Take(_stop.Token))
            {
                _open.Wait(_stop.Token);
                Take(input);
            }
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }
#pragma warning disable CA1031 // The test shows it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fault = e;
        }
    }

    void Take(InputItem input)
    {
        ScoreRow row = new(input.Name);
        try
        {
            using ImageFile file = input.Read(ImageLimits.Default);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Bytes));
            row = row with { Sha256 = sha256, AlreadyWritten = _index.TryTake(input.Name, sha256, out _) };
        }
        catch (SeverityException e)
        {
            row = row with { Error = e };
        }
        if (_folder.IsWithdrawn(row))
            return;
        _folder.Finish(row);
        if (row.AlreadyWritten)
            return;
        lock (_rows)
            _rows.Add(row);
    }
}

/// <summary>A host that keeps what it is told.</summary>
sealed class SilentHost : IRunHost
{
    readonly List<string> _said = [];

    public string[] Said
    {
        get
        {
            lock (_said)
                return [.. _said];
        }
    }

    public CancellationToken Stop => default;

    public CancellationToken Abandon => default;

    public int StopExitCode => 0;

    public void Line(string message)
    {
        lock (_said)
            _said.Add(message);
    }

    public void Warning(string message) => Line(message);

    public void Error(string message) => Line(message);

    public void ShowProgress(IRunProgress progress, Action body) => body();
}
