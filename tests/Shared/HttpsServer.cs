using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SeverityEngine.Tests;

/// <summary>
/// A small HTTPS server on this machine, with a certificate of its own that is made for it. A test says what it answers; it can break off
/// and fall silent as real ones do.
/// </summary>
sealed class HttpsServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly X509Certificate2 _certificate = MakeCertificate();
    readonly Func<HttpsRequest, HttpsAnswer> _answer;
    readonly Task _accepting;

    public HttpsServer(Func<HttpsRequest, HttpsAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = Task.Run(Accept);
    }

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<HttpsRequest> Requests { get; } = [];

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address(string path) => $"https://localhost:{Port}/{path}";

    /// <summary>The certificate as a file's text, for a process that is to trust it.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>A handler that trusts this server and no other.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        SslOptions =
        {
            RemoteCertificateValidationCallback =
                (_, certificate, _, _) => certificate?.GetCertHashString() == _certificate.GetCertHashString(),
        },
    };

    /// <summary>Answers with a file's bytes, or with the part that is asked for, as servers do that know Range and If-Range.</summary>
    public static HttpsAnswer File(HttpsRequest request, byte[] content, string? tag = null)
    {
        HttpsAnswer whole = new(200, content);
        if (tag is not null)
            whole.Headers["ETag"] = tag;
        if (!request.Headers.TryGetValue("Range", out string? range)
            || (request.Headers.TryGetValue("If-Range", out string? version) && version != tag))
            return whole;
        int start = int.Parse(range["bytes=".Length..^1]);
        HttpsAnswer part =
            new(206, content[start..]) { Headers = { ["Content-Range"] = $"bytes {start}-{content.Length - 1}/{content.Length}" } };
        if (tag is not null)
            part.Headers["ETag"] = tag;
        return part;
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _accepting.Wait();
        _certificate.Dispose();
        _end.Dispose();
    }

    async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => Serve(client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task Serve(TcpClient client)
    {
        try
        {
            using (client)
            using (SslStream stream = new(client.GetStream()))
            {
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
                HttpsRequest request = await ReadRequest(stream);
                Requests.Enqueue(request);
                HttpsAnswer answer = _answer(request);
                StringBuilder head = new($"HTTP/1.1 {answer.Status} {(HttpStatusCode)answer.Status}\r\nConnection: close\r\n");
                answer.Headers.TryAdd("Content-Length", $"{answer.Body.Length}");
                foreach ((string name, string value) in answer.Headers.Where(h => h.Value.Length > 0))
                    head.Append($"{name}: {value}\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _end.Token);
                await stream.WriteAsync(answer.Body.AsMemory(0, answer.StopAfter ?? answer.Body.Length), _end.Token);
                await stream.FlushAsync(_end.Token);
                if (answer.StopAfter is not null && answer.Silent)
                    await Task.Delay(Timeout.Infinite, _end.Token);
                if (answer.StopAfter is null)
                    await stream.ShutdownAsync();
                else
                    client.Client.Shutdown(SocketShutdown.Send);
                // Closing before the client has would reset the connection, and what it has not read yet would be lost.
                while (await stream.ReadAsync(new byte[1024], _end.Token) > 0)
                {
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or does not trust this server.
        }
    }

    static async Task<HttpsRequest> ReadRequest(SslStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                throw new IOException("the client went away");
            head.Append((char)one[0]);
        }
        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new HttpsRequest(lines[0].Split(' ')[1].TrimStart('/'),
            lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase));
    }

    static X509Certificate2 MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // Windows wants the key in a store of its own.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}

/// <summary>What a client asked of an <see cref="HttpsServer"/>.</summary>
sealed record HttpsRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Range => Headers.GetValueOrDefault("Range");
}

/// <summary>What an <see cref="HttpsServer"/> answers.</summary>
sealed record HttpsAnswer(int Status, byte[] Body)
{
    public HttpsAnswer(int status) : this(status, [])
    {
    }

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>How much of the body is sent before the connection is cut; null for all of it.</summary>
    public int? StopAfter { get; init; }

    /// <summary>Whether the connection stays open after that, in silence.</summary>
    public bool Silent { get; init; }
}
