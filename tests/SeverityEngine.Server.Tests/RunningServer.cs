using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>The published <c>severity-server</c> as a process, on a free port of this machine or a socket in the file system.</summary>
sealed partial class RunningServer : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    readonly Process _process;
    readonly List<string> _said = [];

    public RunningServer(params string[] arguments)
    {
        bool hasPlace = arguments.Any(a => a is "--listen" or "--unix-socket");
        _process = Process.Start(new ProcessStartInfo(Binary, hasPlace ? arguments : ["--listen", "127.0.0.1:0", .. arguments])
        {
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_said)
                _said.Add(e.Data ?? "");
        };
        _process.BeginErrorReadLine();
        Until("it listens", () => _process.HasExited || Said.Contains("listens on", StringComparison.Ordinal));
        Match said = AddressSaid().Match(Said);
        Assert.True(said.Success, Said);
        Address = new Uri(said.Groups[1].Value.Replace("unix:", "http://localhost", StringComparison.Ordinal));
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address, Timeout = s_patience };
    }

    /// <summary>The published file: SEVERITY_SERVER_BINARY, else dist/severity-server.</summary>
    public static string Binary => Command.Published("severity-server", "SEVERITY_SERVER_BINARY");

    public Uri Address { get; }

    public HttpClient Client { get; }

    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Memory that the process holds now, in bytes.</summary>
    public long Memory => Command.Memory(_process.Id);

    public void WorksInSteadyMemory(Action work) => SteadyMemory.Check(() => Memory, work);

    public static string Sample(string name) => Path.Combine(TestData.RepositoryRoot, "tests", "samples", name);

    public static string Fixture(params string[] parts) => Path.Combine([TestData.RepositoryRoot, "tests", "fixtures", .. parts]);

    /// <summary>Sends a body without parts.</summary>
    public HttpResponseMessage Predict(byte[] image, string query = "", string? accept = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"/v1/predict{query}") { Content = new ByteArrayContent(image) };
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        return Client.Send(request);
    }

    /// <summary>Sends a form with files.</summary>
    public HttpResponseMessage PredictForm(IEnumerable<(string Name, byte[] Bytes)> files, string? accept = null)
    {
        using MultipartFormDataContent form = [];
        foreach ((string name, byte[] bytes) in files)
            form.Add(new ByteArrayContent(bytes), "image", name);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/predict") { Content = form };
        if (accept is not null)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return Client.Send(request);
    }

    public HttpResponseMessage Send(HttpRequestMessage request) => Client.Send(request);

    public HttpResponseMessage Get(string address) => Client.GetAsync(address).Result;

    public string GetText(string address) => Client.GetStringAsync(address).Result;

    public HttpResponseMessage Post(string address, HttpContent content) => Client.PostAsync(address, content).Result;

    public static byte[] Bytes(HttpResponseMessage answer) => answer.Content.ReadAsByteArrayAsync().Result;

    public static string Text(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync().Result;

    public static JsonElement Json(HttpResponseMessage answer) => JsonDocument.Parse(Text(answer)).RootElement;

    /// <summary>Sends bytes as they are, and reads until the server ends the connection.</summary>
    /// <param name="bytes">The request.</param>
    /// <param name="ends">Whether the connection is closed for sending then, which the server takes for a client that is gone.</param>
    public string Raw(byte[] bytes, bool ends = false)
    {
        using Socket socket = Connect();
        socket.ReceiveTimeout = (int)s_patience.TotalMilliseconds;
        StringBuilder answer = new();
        try
        {
            socket.Send(bytes);
            if (ends)
                socket.Shutdown(SocketShutdown.Send);
            byte[] buffer = new byte[4096];
            for (int read; (read = socket.Receive(buffer)) > 0;)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // It was cut off; what came before is the answer.
        }
        return answer.ToString();
    }

    public string Raw(string text, bool ends = false) => Raw(Encoding.Latin1.GetBytes(text), ends);

    public Socket Connect()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, Address.Port));
        return socket;
    }

    /// <summary>A sample of the metrics, by its name with its labels.</summary>
    public double Metric(string sample)
    {
        string? line = GetText("/metrics").Split('\n')
            .FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(sample.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits for something to become so; fails the test where it does not.</summary>
    public void Until(string what, Func<bool> isSo)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(watch.Elapsed < s_patience, $"not within a minute: {what}\n{Said}");
            Thread.Sleep(20);
        }
    }

    public void Signal(string signal) => Assert.Equal(0, Command.Run("kill", [$"-{signal}", $"{_process.Id}"]).ExitCode);

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(s_patience), $"it does not end:\n{Said}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [GeneratedRegex("listens on ([^;]+);")]
    private static partial Regex AddressSaid();
}

/// <summary>A server as it starts without options, which the tests of a class share.</summary>
public sealed class UsualServer : IDisposable
{
    internal RunningServer Server { get; } = new();

    public void Dispose() => Server.Dispose();
}
