using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;
using SeverityEngine.Server.Http;
using SeverityEngine.Server.Monitoring;
using SeverityEngine.Server.Scoring;
using SeverityEngine.Server.Stow;

namespace SeverityEngine.Server;

/// <summary>A run of <c>severity-server</c>: from its options until it is told to end.</summary>
/// <param name="options">Where, for whom, and how much at once.</param>
/// <param name="modelFile">The model.</param>
sealed class ServerRun(ServerOptions options, ModelFile modelFile)
{
    /// <summary>Connections at once: beyond requests that are admitted, those that send, read, or keep silent.</summary>
    const int MostConnections = 1024;

    const int HeaderBytes = 16 << 10, BufferBytes = 128 << 10;

    /// <summary>A slower body is no upload but a way to keep a connection: so many bytes a second, after a while.</summary>
    const double SlowestBody = 1024;

    static readonly TimeSpan s_slowStart = TimeSpan.FromSeconds(10), s_headers = TimeSpan.FromSeconds(10),
        s_idle = TimeSpan.FromSeconds(75);

    /// <summary>Runs until a signal ends it in order.</summary>
    /// <returns>0.</returns>
    /// <exception cref="SeverityException">A fault of the model, of the address, or of the file of rows.</exception>
    public int Run()
    {
        using StopSignals signals = new();
        ServerMetrics metrics = new();
        DicomFiles? reports = options.Reports is null ? null : new DicomFiles(modelFile)
        {
            Reports = new OutputPlace("--dicom-report", options.Reports, images: int.MaxValue, PlacedKind.Report),
        };
        reports?.Prepare([], force: false);
        using StoredRows? rows = options.Rows is null ? null : new StoredRows(options.Rows, options.Limits.Dicom.Uids, reports);
        using ScoringRoom room = new(options, modelFile, metrics, reports, signals.Abandon);
        StowEndpoint? stow = rows is null ? null : new StowEndpoint(room, rows);
        Site site = new(room, new WebPages(room.Model, RowSchema.For([], saliency: true, uids: options.Limits.Dicom.Uids)), stow, metrics,
            signals.Abandon);
        Serve(site, room, signals).GetAwaiter().GetResult();
        rows?.Complete();
        Report.Line("severity-server: ended");
        return 0;
    }

    async Task Serve(Site site, ScoringRoom room, StopSignals signals)
    {
        using KestrelServer server = new(Options.Create(Settings()),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
        await Start(server, site);
        try
        {
            Announce(server, room);
            TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using (signals.Token.Register(stop.SetResult))
                await stop.Task;
        }
        finally
        {
            // Nothing new is taken; what is in work is finished, unless that takes too long.
            await server.StopAsync(signals.Abandon);
        }
    }

    KestrelServerOptions Settings()
    {
        KestrelServerOptions settings = new() { AddServerHeader = false };
        KestrelServerLimits limits = settings.Limits;
        limits.MaxConcurrentConnections = MostConnections;
        // Counted while it comes, by what it is.
        limits.MaxRequestBodySize = null;
        limits.MaxRequestBufferSize = BufferBytes;
        limits.MaxRequestHeadersTotalSize = HeaderBytes;
        limits.RequestHeadersTimeout = s_headers;
        limits.KeepAliveTimeout = s_idle;
        limits.MinRequestBodyDataRate = new MinDataRate(SlowestBody, s_slowStart);
        if (options.SocketPath is { } path)
            settings.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http1);
        else
            settings.Listen(options.EndPoint!, listen => listen.Protocols = HttpProtocols.Http1);
        return settings;
    }

    async Task Start(KestrelServer server, Site site)
    {
        try
        {
            if (options.SocketPath is { } path)
                RemoveStale(path);
            await server.StartAsync(site, CancellationToken.None);
            if (options.SocketPath is { } made && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(made,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or InvalidOperationException)
        {
            Exception cause = e;
            while (cause is not SocketException && cause.InnerException is { } inner)
                cause = inner;
            string reason = cause is SocketException { SocketErrorCode: var code } ? code switch
            {
                SocketError.AddressAlreadyInUse => "is in use by another program",
                SocketError.AccessDenied => "may not be listened on by this user",
                SocketError.AddressNotAvailable => "is no address of this machine",
                _ => $"cannot be listened on: {code}",
            } : $"cannot be listened on: {FileFaults.Reason(cause)}";
            throw new SeverityException(SeverityError.InvalidArgument, options.SocketPath is { } socket
                ? $"{socket} {reason}; give another --unix-socket" : $"{options.EndPoint} {reason}; give another --listen", e);
        }
    }

    /// <summary>Removes a socket that a killed server left behind.</summary>
    static void RemoveStale(string path)
    {
        if (FileStatus.Of(path).Type != FileType.Special)
            return; // What is no socket stays, and is in the way.
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }

    void Announce(KestrelServer server, ScoringRoom room)
    {
        string address = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Report.Line($"severity-server: listens on {address}; model {room.Model.Name} {room.Model.Version}, "
            + $"{Amount.Of(options.Workers, "worker")}. Research only, not for medical use.");
        if (options.EndPoint is { } end && !IPAddress.IsLoopback(end.Address))
        {
            Report.Warning("other machines can reach this port, nobody is asked who they are, and what they send is not encrypted: keep to "
                + "a network that you trust, or put a reverse proxy before it");
        }
    }
}
