using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using SeverityEngine.Batch.Listen;
using SeverityEngine.Cli.CommandLine;
using SeverityEngine.Dicom.Network;

namespace SeverityEngine.Cli;

/// <summary><c>severity dicom listen</c>: receives X-rays by C-STORE and scores them.</summary>
static class DicomListenCommand
{
    /// <summary>The default of <c>--queue</c> and <c>--associations</c>, and the most.</summary>
    const int MostQueued = 1000, Queueable = 1_000_000, MostAssociations = 32, Associable = 1000;

    public static Command Create()
    {
        Option<string> folder = new("--out", "-o")
        {
            Description = "The folder for all that the listener keeps: received/ (what was sent), rows.jsonl, results/ (reports and "
                + "pictures), forward/ (what is still to be sent). A listener that ended or was killed goes on with it.",
            HelpName = "FOLDER",
            Required = true,
        };
        Option<int> port = Number("--port", "The TCP port to listen on; 0 for a free one, which is printed.", 11112, 0, 65535);
        Option<string> title = new("--aet")
        {
            Description = "The AE title of this program: 1 to 16 characters.",
            HelpName = "AET",
            DefaultValueFactory = _ => "SEVERITY",
        };
        Option<string> bind = new("--bind")
        {
            Description = "The address to listen on: 0.0.0.0 for all of this machine. There is no TLS, so keep to a network that you "
                + "trust.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        Option<string[]> allow = new("--allow")
        {
            Description = "The AE titles that may send. Default: every one.",
            HelpName = "AET",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<bool> checkTitle = new("--check-aet") { Description = "Reject senders that call another AE title than this one's." };
        Option<string?> forward = new("--forward")
        {
            Description = "Send reports and pictures to an archive by C-STORE; while it is away they are kept and tried again.",
            HelpName = "HOST:PORT:AET",
        };
        Option<string> results = new("--results")
        {
            Description = "The DICOM results to make of each X-ray: structured reports, saliency maps as Secondary Captures, both or none.",
            HelpName = "both|report|saliency|none",
            DefaultValueFactory = _ => "both",
        };
        results.AcceptOnlyFromAmong("both", "report", "saliency", "none");
        Option<int> queue = Number(
            "--queue", "How many received images may wait for their scores; what comes then is refused (A700).", MostQueued, 1, Queueable);
        Option<int> associations = Number(
            "--associations", "Senders at once; one more is told to come back.", MostAssociations, 1, Associable);
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int> threads = ThreadsOption.Create();
        Option<bool> quiet = new("--quiet", "-q") { Description = "No line for each image, and no warnings of images; errors only." };
        ReadingOption reading = new();

        RequireTitle(title);
        RequireTitle(allow);
        bind.Validators.Add(found =>
        {
            if (found.Tokens is [{ Value: string text }] && !IPAddress.TryParse(text, out _))
                found.AddError($"--bind {text}: give the address of a network interface, such as 127.0.0.1, 0.0.0.0 or ::1.");
        });
        forward.Validators.Add(found =>
        {
            if (found.Tokens is [{ Value: string text }] && Peer(text) is null)
                found.AddError($"--forward {text}: give the archive as HOST:PORT:AET, such as localhost:4242:ORTHANC.");
        });

        Command command = new("listen",
            "Receives X-rays by C-STORE, scores them, and writes or sends DICOM results. Research only, not for medical use.")
        {
            folder, port, title, bind, allow, checkTitle, forward, results, queue, associations, model, trust, threads, quiet,
        };
        reading.AddTo(command);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(forward) is not null && parsed.GetValue(results) == "none")
                parsed.AddError("--forward sends results, and --results none makes none; leave one of them away.");
        });
        command.SetAction(parsed =>
        {
            using CommandHost host = new();
            string made = parsed.GetValue(results)!;
            return new ListenRun(new ListenOptions(parsed.GetValue(folder)!)
            {
                Network = new DicomListenerOptions
                {
                    Title = parsed.GetValue(title)!,
                    Address = IPAddress.Parse(parsed.GetValue(bind)!),
                    Port = parsed.GetValue(port),
                    Allowed = parsed.GetValue(allow) ?? [],
                    CheckTitle = parsed.GetValue(checkTitle),
                    MostAssociations = parsed.GetValue(associations),
                },
                Reports = made is "both" or "report",
                Captures = made is "both" or "saliency",
                Forward = parsed.GetValue(forward) is { } archive ? Peer(archive) : null,
                MostQueued = parsed.GetValue(queue),
                Limits = reading.Read(parsed),
                Threads = parsed.GetValue(threads),
                TrustModel = parsed.GetValue(trust),
                Quiet = parsed.GetValue(quiet),
            }, ModelOption.Resolve(parsed.GetValue(model)), host).Run();
        });
        return command;
    }

    static Option<int> Number(string name, string description, int usual, int least, int most)
    {
        Option<int> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        NumberRange.Require(option, least, most);
        return option;
    }

    static void RequireTitle(Option option) => option.Validators.Add(found =>
    {
        foreach (Token token in found.Tokens)
        {
            if (!IsTitle(token.Value))
                found.AddError($"{option.Name} {token.Value}: an AE title has 1 to 16 characters of ASCII, and no backslash.");
        }
    });

    /// <summary>Whether a text can be an AE title (PS3.5, 6.2); spaces at its ends mean nothing.</summary>
    static bool IsTitle(string text) =>
        text.Length is > 0 and <= 16 && text == text.Trim() && text.All(c => c is >= ' ' and <= '~' and not '\\');

    /// <summary>An archive of the form HOST:PORT:AET, in which an IPv6 address stands in brackets; null for what is none.</summary>
    static DicomPeer? Peer(string text)
    {
        if (text.Split(':') is not [.. { Length: > 0 } host, string port, string title] || !IsTitle(title)
            || !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535)
            return null;
        string name = string.Join(':', host).Trim('[', ']');
        return name.Length > 0 ? new DicomPeer(name, number, title) : null;
    }
}
