using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Server.Monitoring;

/// <summary>The parts of an image's time.</summary>
enum Stage
{
    /// <summary>Its bytes come in.</summary>
    Receive,
    /// <summary>It waits for a worker.</summary>
    Wait,
    /// <summary>Bytes to pixels.</summary>
    Decode,
    /// <summary>Crop and resize.</summary>
    Preprocess,
    /// <summary>The network.</summary>
    Infer,
}

/// <summary>What the server counts, and tells in the text format of Prometheus. It knows nothing of patients: no names, no addresses.
/// </summary>
sealed class ServerMetrics
{
    static readonly string[] s_stages = RowSchema.Words<Stage>();

    readonly Histogram[] _stages = [.. s_stages.Select(_ => new Histogram())];
    readonly ConcurrentDictionary<(string Route, int Status), long[]> _requests = [];
    readonly ConcurrentDictionary<string, Histogram> _times = [];
    readonly ConcurrentDictionary<SeverityError, long[]> _images = [];
    int _inWork;

    /// <summary>What <c>severity_build_info</c> says of the model.</summary>
    public ModelStamp? Model { get; set; }

    /// <summary>Requests with images that wait or are being scored.</summary>
    public Func<int> Admitted { get; set; } = () => 0;

    /// <summary>Images that no worker has begun.</summary>
    public Func<int> Waiting { get; set; } = () => 0;

    /// <summary>Bytes of images that are not scored yet.</summary>
    public Func<long> Held { get; set; } = () => 0;

    /// <summary>Requests that are being answered.</summary>
    public int InWork => Volatile.Read(ref _inWork);

    public void Begin() => Interlocked.Increment(ref _inWork);

    /// <summary>Notes that a request has its answer.</summary>
    public void End(string route, int status, TimeSpan time)
    {
        Interlocked.Decrement(ref _inWork);
        Interlocked.Increment(ref _requests.GetOrAdd((route, status), _ => new long[1])[0]);
        _times.GetOrAdd(route, _ => new Histogram()).Add(time);
    }

    public void Add(Stage stage, TimeSpan time) => _stages[(int)stage].Add(time);

    /// <summary>Notes what became of an image.</summary>
    public void Add(ScoreRow row)
    {
        Interlocked.Increment(ref _images.GetOrAdd(row.Error?.Code ?? SeverityError.None, _ => new long[1])[0]);
        if (row.Prediction?.Timings is not { } timings)
            return;
        Add(Stage.Decode, timings.Decode);
        Add(Stage.Preprocess, timings.Preprocess);
        Add(Stage.Infer, timings.Infer);
    }

    /// <summary>All of it, in the text format 0.0.4.</summary>
    public string Text()
    {
        StringBuilder text = new(8192);
        Head("severity_build_info", "gauge", "The program and its model; always 1.");
        text.Append($"severity_build_info{{version=\"{SeverityRuntime.EngineVersion}\",model=\"{Escaped(Model!.Name)}\","
            + $"model_version=\"{Escaped(Model.Version)}\",model_sha256=\"{Model.Sha256}\"}} 1\n");
        Head("severity_requests_total", "counter", "Requests that were answered, by route and status.");
        foreach (((string route, int status), long[] count) in _requests.OrderBy(r => r.Key))
            text.Append(CultureInfo.InvariantCulture, $"severity_requests_total{{route=\"{route}\",status=\"{status}\"}} {count[0]}\n");
        Head("severity_request_seconds", "histogram", "Time from a request's headers to the end of its answer.");
        foreach ((string route, Histogram times) in _times.OrderBy(t => t.Key, StringComparer.Ordinal))
            times.Write(text, "severity_request_seconds", $"route=\"{route}\"");
        Head("severity_images_total", "counter", "Images, by outcome: ok, or the error's code.");
        foreach ((SeverityError code, long[] count) in _images.OrderBy(i => i.Key))
            text.Append(CultureInfo.InvariantCulture, $"severity_images_total{{outcome=\"{code.Name()}\"}} {count[0]}\n");
        Head("severity_stage_seconds", "histogram", "Time of an image in each stage.");
        for (int i = 0; i < _stages.Length; i++)
            _stages[i].Write(text, "severity_stage_seconds", $"stage=\"{s_stages[i]}\"");
        Gauge("severity_requests_in_work", "Requests that are being answered.", InWork);
        Gauge("severity_requests_admitted", "Requests with images that wait or are being scored.", Admitted());
        Gauge("severity_images_waiting", "Images that wait for a worker.", Waiting());
        Gauge("severity_upload_bytes", "Memory of images that are not scored yet, in bytes.", Held());
        return text.ToString();

        void Head(string name, string type, string help) => text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

        void Gauge(string name, string help, long value)
        {
            Head(name, "gauge", help);
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }
    }

    /// <summary>A label's value: models are named by whoever made them.</summary>
    static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
