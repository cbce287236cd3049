using System.CommandLine;
using System.Globalization;
using System.Net;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Server;

/// <summary>The command line of <c>severity-server</c>.</summary>
static class ServerCommand
{
    const int MostQueued = 64, Queueable = 100_000, Seconds = 60, MostSeconds = 3600;

    public static RootCommand Create()
    {
        Option<string> listen = new("--listen")
        {
            Description = "The address and port to listen on; port 0 takes a free one. There is no TLS and nobody is asked who they are: "
                + "beyond this machine, put a reverse proxy before it.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => "127.0.0.1:8080",
        };
        listen.Validators.Add(found =>
        {
            if (found.Tokens is [{ Value: string text }] && EndPoint(text) is null)
                found.AddError($"--listen {text}: give an address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080.");
        });
        Option<string?> socket = new("--unix-socket")
        {
            Description = "Listen on a Unix domain socket instead, which its owner and group may use.",
            HelpName = "PATH",
        };
        Option<string[]> hosts = new("--allow-host")
        {
            Description = "A name by which clients may call the server, beside localhost and addresses; * for every name.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int> workers = NumberOption.Create(
            "--workers", "Images that are scored at once; 0 for one a core.", 0, 0, PredictorOptions.MostThreads);
        Option<int> threads = NumberOption.Create("--threads", "Cores that one image uses.", 1, 1, PredictorOptions.MostThreads);
        Option<int> queue = NumberOption.Create(
            "--queue", "Requests that may wait for their scores; further ones are told to come back (429).", MostQueued, 0, Queueable);
        Option<int> timeout = NumberOption.Create(
            "--timeout", "Seconds that an image may take, from its first byte to its score.", Seconds, 1, MostSeconds);
        Option<string?> rows = new("--rows")
        {
            Description = "Take images by DICOMweb too (STOW-RS, POST /studies), and add their rows to this file.",
            HelpName = "FILE.jsonl|csv|tsv",
        };
        Option<string?> reports = new("--dicom-report")
        {
            Description = "Write the scores of images that come by DICOMweb as structured reports.",
            HelpName = "FOLDER",
        };
        Option<bool> licenses = new("--licenses") { Description = "Print the licenses of everything inside this program." };
        ReadingOption reading = new();

        RootCommand root = new(
            "Scores chest X-rays over HTTP: geographic extent (0-8) and opacity (0-6) of pneumonia, with a page for people.\n" +
            "Research only, not for medical use.")
        {
            listen, socket, hosts, model, trust, workers, threads, queue, timeout, rows, reports, licenses,
        };
        reading.AddTo(root);
        root.Validators.Add(parsed =>
        {
            if (parsed.GetValue(rows) is { } file && !new ResultOutput(file, null).CanResume)
                parsed.AddError($"--rows {file}: name a file of rows that ends in .jsonl, .csv or .tsv.");
            if (parsed.GetValue(reports) is not null && parsed.GetValue(rows) is null)
                parsed.AddError("--dicom-report is for images that come by DICOMweb, which --rows FILE turns on.");
            if (parsed.GetValue(socket) is not null && parsed.GetResult(listen) is { Implicit: false })
                parsed.AddError("--unix-socket stands in place of --listen; give one of them.");
        });
        root.SetAction(parsed =>
        {
            if (parsed.GetValue(licenses))
            {
                Notices.Print(typeof(ServerCommand).Assembly);
                return 0;
            }
            SeverityRuntime.BeginLoadingOnnxRuntime();
            string? path = parsed.GetValue(socket);
            int count = parsed.GetValue(workers);
            ServerOptions options = new()
            {
                EndPoint = path is null ? EndPoint(parsed.GetValue(listen)!) : null,
                SocketPath = path,
                Hosts = parsed.GetValue(hosts) ?? [],
                Limits = reading.Read(parsed),
                Workers = count > 0 ? count : Environment.ProcessorCount,
                Threads = parsed.GetValue(threads),
                MostQueued = parsed.GetValue(queue),
                Patience = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                TrustModel = parsed.GetValue(trust),
                Rows = parsed.GetValue(rows),
                Reports = parsed.GetValue(reports),
            };
            return new ServerRun(options, ModelOption.Resolve(parsed.GetValue(model))).Run();
        });
        return root;
    }

    /// <summary>An address with a port; null for what is none.</summary>
    static IPEndPoint? EndPoint(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return null;
        string host = text[..colon];
        if (host == "localhost")
            return new IPEndPoint(IPAddress.Loopback, port);
        // Without brackets the last part of an IPv6 address could be taken for a port.
        bool isBracketed = host is ['[', .., ']'];
        return isBracketed != host.Contains(':') ? null
            : IPAddress.TryParse(isBracketed ? host[1..^1] : host, out IPAddress? address) ? new IPEndPoint(address, port) : null;
    }
}
