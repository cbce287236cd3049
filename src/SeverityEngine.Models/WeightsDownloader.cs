using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using SeverityEngine.IO;
using SeverityEngine.Models.Download;
using SeverityEngine.Models.Store;

namespace SeverityEngine.Models;

/// <summary>
/// Downloads published files: over HTTPS alone, through the proxy that the environment names (HTTPS_PROXY, NO_PROXY), going on where an
/// earlier attempt or run broke off, and verified before they get their name.
/// </summary>
public sealed class WeightsDownloader : IDisposable
{
    const int ChunkBytes = 64 << 10;
    const int MaxRedirects = 10;
    const string Elsewhere = "or download the file on another machine and give it with --from";

    static readonly TimeSpan s_longestRetryAfter = TimeSpan.FromMinutes(1);

    readonly HttpClient _client;
    readonly DownloadSettings _settings;
    readonly bool _needsTls;

    /// <summary>A downloader.</summary>
    public WeightsDownloader()
        : this(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) }, new DownloadSettings()) =>
        _needsTls = true;

    /// <param name="handler">Must not follow redirects: their addresses are looked at here.</param>
    /// <param name="settings">How patient it is.</param>
    internal WeightsDownloader(HttpMessageHandler handler, DownloadSettings settings)
    {
        // What limits the time are the connection's timeout and the stall's; a slow line may take as long as it needs.
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("severity", SeverityRuntime.EngineVersion));
        _settings = settings;
    }

    /// <summary>Downloads a file and verifies its size and hash.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">Where it goes, under its own name; what an interrupted download left there is gone on with.</param>
    /// <param name="progress">Hears of what came.</param>
    /// <param name="cancellation">Ends the download; what came is kept for the next.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="SeverityException"><see cref="SeverityError.DownloadFailed"/>, <see cref="SeverityError.VerificationFailed"/>,
    /// <see cref="SeverityError.FileUnwritable"/>, <see cref="SeverityError.Canceled"/>.</exception>
    public async Task<string> DownloadAsync(
        WeightsFile file, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(folder);
        Uri address = Secure(file.Url, file);
        if (_needsTls)
            OpenSslLibrary.Require();
        try
        {
            using PartialDownload part = PartialDownload.Open(file, folder);
            bool resumed = part.Length > 0;
            await Complete(file, address, part, progress, cancellation).ConfigureAwait(false);
            if (!part.Verify(out string sha256) && resumed)
            {
                // The earlier part may have been of another version; what comes in one piece is what the server has.
                progress?.Report(new DownloadProgress(file, 0, "what was here before is of another version; from the start"));
                await Complete(file, address, part, progress, cancellation).ConfigureAwait(false);
                if (!part.Verify(out sha256))
                    throw WrongHash(file, sha256);
            }
            else if (sha256 != file.Sha256)
            {
                throw WrongHash(file, sha256);
            }
            return part.Commit();
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            throw new SeverityException(
                SeverityError.Canceled, $"{file.Name}: the download was interrupted; the next goes on from there", e);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw StoreFiles.Unwritable(Path.Combine(folder, file.Name), e);
        }
    }

    /// <summary>Closes connections.</summary>
    public void Dispose() => _client.Dispose();

    async Task Complete(
        WeightsFile file, Uri address, PartialDownload part, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        for (int failures = 0; part.Length < file.Size;)
        {
            long before = part.Length;
            DownloadFault fault;
            try
            {
                await Attempt(file, address, part, progress, cancellation).ConfigureAwait(false);
                continue;
            }
            catch (DownloadFault e)
            {
                fault = e;
            }
            failures = part.Length > before ? 1 : failures + 1;
            if (failures >= _settings.Attempts)
            {
                throw new SeverityException(SeverityError.DownloadFailed,
                    $"{file.Name}: the download from {address.Host} failed: {fault.Message}; "
                        + $"try again later (it goes on where it stopped), {Elsewhere}", fault);
            }
            TimeSpan wait = fault.RetryAfter ?? _settings.FirstWait * (1 << (failures - 1));
            progress?.Report(
                new DownloadProgress(file, part.Length, $"{address.Host}: {fault.Message}; again in {wait.TotalSeconds:0.#} s"));
            await Task.Delay(wait, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>One request, from where the part ends; returns when the server has sent all it said it would.</summary>
    async Task Attempt(
        WeightsFile file, Uri address, PartialDownload part, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(_settings.Stall);
        try
        {
            using HttpResponseMessage response = await Request(file, address, part, stall.Token).ConfigureAwait(false);
            if (!Accept(file, address, part, response))
                return;
            using Stream body = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
            byte[] chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes);
            while (true)
            {
                progress?.Report(new DownloadProgress(file, part.Length));
                stall.CancelAfter(_settings.Stall);
                int read = await Read(body, chunk, stall.Token).ConfigureAwait(false);
                if (read == 0)
                    break;
                if (part.Length + read > file.Size)
                    throw WrongSize(file, address, $"more than {file.Size} bytes", part);
                await part.Append(chunk.AsMemory(0, read), cancellation).ConfigureAwait(false);
            }
            if (part.Length < file.Size)
                throw new DownloadFault($"the connection ended after {part.Length} of {file.Size} bytes");
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DownloadFault($"the server sent nothing for {_settings.Stall.TotalSeconds:0.#} s", e);
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw new SeverityException(SeverityError.DownloadFailed,
                $"{file.Name}: no secure connection to {address.Host}: {Reason(e)}; "
                    + $"where a proxy opens HTTPS, name its certificate with SSL_CERT_FILE, {Elsewhere}", e);
        }
        catch (HttpRequestException e)
        {
            throw new DownloadFault(Reason(e), e);
        }
    }

    /// <summary>Reads from the network: an error here is the connection's, not the disk's.</summary>
    static async ValueTask<int> Read(Stream body, Memory<byte> chunk, CancellationToken cancellation)
    {
        try
        {
            return await body.ReadAsync(chunk, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new DownloadFault(Reason(e), e);
        }
    }

    async Task<HttpResponseMessage> Request(WeightsFile file, Uri address, PartialDownload part, CancellationToken cancellation)
    {
        for (int redirects = 0; ; redirects++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, address);
            if (part.Length > 0)
            {
                request.Headers.Range = new RangeHeaderValue(part.Length, null);
                request.Headers.IfRange = part.Version;
            }
            HttpResponseMessage response =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }
            using (response)
            {
                Uri target = response.Headers.Location ?? throw Failed(file, $"{address.Host} redirects without saying where");
                if (redirects == MaxRedirects)
                    throw Failed(file, $"{address.Host} redirects more than {MaxRedirects} times");
                address = Secure(new Uri(address, target).AbsoluteUri, file);
            }
        }
    }

    /// <summary>Looks at a response's head; false where the part was dropped and the request must be made again.</summary>
    static bool Accept(WeightsFile file, Uri address, PartialDownload part, HttpResponseMessage response)
    {
        long? length = response.Content.Headers.ContentLength;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                if (length is { } whole && whole != file.Size)
                    throw WrongSize(file, address, $"{whole} bytes", part);
                part.Restart(response);
                return true;
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { } range
                && range.From == part.Length && (range.Length ?? file.Size) == file.Size:
                return true;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable when part.Length > 0:
                part.Restart(null);
                return false;
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                TimeSpan? wait = response.Headers.RetryAfter?.Delta;
                throw new DownloadFault($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}")
                {
                    RetryAfter = wait <= s_longestRetryAfter ? wait : null,
                };
            default:
                throw Failed(file, $"{address.Host} answered {(int)response.StatusCode} {response.ReasonPhrase}");
        }
    }

    static Uri Secure(string address, WeightsFile file) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps
            ? uri : throw Failed(file, $"its address leads to {address}, which is not HTTPS");

    static SeverityException Failed(WeightsFile file, string fault) =>
        new(SeverityError.DownloadFailed, $"{file.Name}: the download failed: {fault}; look for the file at {file.Source}, {Elsewhere}");

    static SeverityException WrongSize(WeightsFile file, Uri address, string size, PartialDownload part)
    {
        part.Restart(null);
        return new SeverityException(SeverityError.VerificationFailed,
            $"{file.Name}: {address.Host} sends {size}, and the published file has {file.Size}; it is not used. "
                + $"A proxy's page in its place? {file.Source}");
    }

    static SeverityException WrongHash(WeightsFile file, string sha256) => new(SeverityError.VerificationFailed,
        $"{file.Name}: what was downloaded has the SHA-256 {sha256}, and the published file {file.Sha256}; it was deleted and is not used");

    /// <summary>What failed in a connection: in the system's words where it was a socket.</summary>
    static string Reason(Exception e)
    {
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException)
                return cause.Message.TrimEnd('.');
        }
        return (e is HttpRequestException request ? request.HttpRequestError : (e as HttpIOException)?.HttpRequestError) switch
        {
            HttpRequestError.NameResolutionError => "its name leads to no address",
            HttpRequestError.SecureConnectionError => "its certificate is not to be trusted",
            HttpRequestError.ResponseEnded => "the connection ended too early",
            HttpRequestError.ProxyTunnelError => "the proxy lets nothing through",
            HttpRequestError.InvalidResponse => "what it answers is not HTTP",
            _ => e is IOException ? FileFaults.Reason(e) : "the connection failed",
        };
    }
}

/// <summary>How far a download is.</summary>
/// <param name="File">The file.</param>
/// <param name="Received">Its bytes that are here, those of an earlier attempt included.</param>
/// <param name="Trouble">Why the download starts anew, and when; null while all is well.</param>
public readonly record struct DownloadProgress(WeightsFile File, long Received, string? Trouble = null);
