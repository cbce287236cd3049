using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace SeverityEngine.Tests;

/// <summary>A real Orthanc, Debian's, on this machine's own address and free ports, with a storage of its own.</summary>
sealed class OrthancServer : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    readonly TemporaryFolder _folder = new();
    readonly StringBuilder _log = new();
    readonly JsonObject _configuration;
    readonly IReadOnlyDictionary<string, string> _environment;
    HttpClient _client = new();
    Process? _process;

    /// <param name="change">What the configuration has beyond the usual.</param>
    /// <param name="environment">Variables beside PATH.</param>
    public OrthancServer(Action<JsonObject>? change = null, params (string Name, string Value)[] environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Orthanc is tested on Linux, where Debian has it");
        string storage = _folder["storage"];
        _configuration = new JsonObject
        {
            ["Name"] = "severity-test",
            ["StorageDirectory"] = storage,
            ["IndexDirectory"] = storage,
            ["HttpPort"] = FreePort(),
            [nameof(DicomPort)] = FreePort(),
            ["DicomAet"] = "ORTHANC",
            ["DicomCheckCalledAet"] = false,
            ["HttpBindAddresses"] = new JsonArray("127.0.0.1"),
            ["RemoteAccessAllowed"] = false,
            ["AuthenticationEnabled"] = false,
            ["StableAge"] = 1,
        };
        change?.Invoke(_configuration);
        _environment = environment.Append(("PATH", Environment.GetEnvironmentVariable("PATH")!))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);
        Start();
    }

    public int DicomPort => (int)_configuration[nameof(DicomPort)]!;

    /// <summary>What it has logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>A port that is free at this moment.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Start()
    {
        File.WriteAllText(_folder["orthanc.json"], _configuration.ToJsonString());
        // Debian has it where the administrator's programs are.
        string program = File.Exists("/usr/sbin/Orthanc") ? "/usr/sbin/Orthanc" : "Orthanc";
        ProcessStartInfo start = new(program, ["--verbose", _folder["orthanc.json"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in _environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_configuration["HttpPort"]}") };
        Until("Orthanc answers", () =>
        {
            Assert.False(_process.HasExited, Log);
            try
            {
                return _client.GetAsync("/system").Result.IsSuccessStatusCode;
            }
            catch (AggregateException)
            {
                return false;
            }
        });
    }

    /// <summary>Ends it as a power failure does.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    /// <summary>Ends it as its administrator does, and fails the test if it does not end well.</summary>
    public void Stop()
    {
        CommandResult sent = Command.Run("kill", ["-TERM", $"{_process!.Id}"]);
        Assert.True(sent.ExitCode == 0, sent.Error);
        Assert.True(_process.WaitForExit(s_patience), $"it did not stop\n{Log}");
        Assert.True(_process.ExitCode == 0, $"it ended with {_process.ExitCode}\n{Log}");
        _process.Dispose();
        _client.Dispose();
    }

    public void Dispose()
    {
        try
        {
            if (!_process!.HasExited)
                _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It was ended by the test.
        }
        _client.Dispose();
        _folder.Dispose();
    }

    /// <summary>Uploads a file; gives what Orthanc says of it: "Success" or "AlreadyStored".</summary>
    public string Upload(byte[] file) => Post("/instances", file)["Status"]!.GetValue<string>();

    public JsonNode Post(string address, byte[] body)
    {
        HttpResponseMessage answer = _client.PostAsync(address, new ByteArrayContent(body)).Result;
        string text = answer.Content.ReadAsStringAsync().Result;
        Assert.True(answer.IsSuccessStatusCode, $"{address}: {text}\n{Log}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Lets it send to a receiver on this machine.</summary>
    public void AddModality(string name, string title, int port)
    {
        HttpResponseMessage answer = _client.PutAsJsonAsync($"/modalities/{name}", new object[] { title, "127.0.0.1", port }).Result;
        Assert.True(answer.IsSuccessStatusCode, answer.Content.ReadAsStringAsync().Result);
    }

    public JsonNode Get(string address) => _client.GetFromJsonAsync<JsonNode>(address).Result!;

    public byte[] Download(string instance) => _client.GetByteArrayAsync($"/instances/{instance}/file").Result;

    /// <summary>The instances, with their main attributes and those of the series and study that they are in.</summary>
    public IReadOnlyList<StoredInstance> Instances()
    {
        List<StoredInstance> all = [];
        foreach (JsonNode? series in Get("/series?expand").AsArray())
        {
            string study = Get($"/studies/{series!["ParentStudy"]}")["MainDicomTags"]!["StudyInstanceUID"]!.GetValue<string>();
            string modality = series["MainDicomTags"]!["Modality"]!.GetValue<string>();
            all.AddRange(series["Instances"]!.AsArray().Select(id => new StoredInstance(id!.GetValue<string>(), modality, study)));
        }
        return all;
    }

    /// <summary>Waits for something to become so; fails the test where it does not.</summary>
    public void Until(string what, Func<bool> isSo)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(watch.Elapsed < s_patience, $"not within {s_patience.TotalMinutes} minutes: {what}\n{Log}");
            Thread.Sleep(100);
        }
    }

    void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}

/// <summary>An instance in Orthanc.</summary>
/// <param name="Id">Orthanc's own name of it.</param>
/// <param name="Modality">Its series' Modality.</param>
/// <param name="Study">Its StudyInstanceUID.</param>
sealed record StoredInstance(string Id, string Modality, string Study);
