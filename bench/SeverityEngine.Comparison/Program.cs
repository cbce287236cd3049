using System.Globalization;
using System.Text;
using SeverityEngine.Comparison;

// Sets this engine beside its peers in one run, everything interleaved, and prints tables; with --readme FILE it puts them
// between the marks there. Needs ./build.sh first, what score_folder.py names (Debian), and a DenseNet-121 state dict.
//   bench/comparison/with-newer-libstdcxx.sh dotnet run -c Release --project bench/SeverityEngine.Comparison --
//     CHECKPOINT IMAGES [--rounds N] [--calibrate FOLDER|phantoms] [--readme docs/performance.md]
// The script makes libtorch load where the C++ library is older than GCC 13's (Debian 12); elsewhere it just runs its command.
const string Begin = "<!-- peers: begin -->", End = "<!-- peers: end -->";
if (args.Length < 2)
{
    Console.Error.WriteLine(
        "usage: SeverityEngine.Comparison CHECKPOINT IMAGES [--rounds N] [--calibrate FOLDER|phantoms] [--readme docs/performance.md]");
    return 2;
}
string checkpoint = Path.GetFullPath(args[0]), images = Path.GetFullPath(args[1]);
int rounds = int.Parse(Option("--rounds") ?? "15", CultureInfo.InvariantCulture);
string root = FindRoot(), severity = Path.Combine(root, "dist", "severity");
string script = Path.Combine(root, "bench", "comparison", "score_folder.py");
DirectoryInfo work = Directory.CreateTempSubdirectory("severity-peers-");
try
{
    string plain = Path.Combine(work.FullName, "plain.onnx");
    string fast = Path.Combine(work.FullName, "float.onnx");
    string integer = Path.Combine(work.FullName, "int8.onnx");
    Commands.Run(severity, "model", "import", checkpoint, "--head", "cidc", "--no-optimize", "-o", plain);
    Commands.Run(severity, "model", "optimize", plain, "-o", fast);
    Commands.Run(severity, "model", "optimize", plain, "--int8", "--calibrate", Option("--calibrate") ?? "phantoms", "-o", integer);

    StringBuilder report = new();
    report.Append(CultureInfo.InvariantCulture, $"{Machine.Processor}; {Machine.Versions(severity)}. Made by\n");
    report.Append("`bench/comparison/with-newer-libstdcxx.sh dotnet run -c Release --project bench/SeverityEngine.Comparison -- ");
    report.Append(CultureInfo.InvariantCulture, $"CHECKPOINT IMAGES --rounds {rounds} --readme docs/performance.md`.\n\n");
    if (!LibtorchPeer.IsAvailable)
        Console.Error.WriteLine("libtorch is left out: TorchSharp's library does not load here; start this with "
            + "bench/comparison/with-newer-libstdcxx.sh dotnet run ...");
    NetworkTable.Write(report, rounds, (batch, threads) =>
    [
        new OnnxPeer(plain, batch, threads),
        new EnginePeer("**Severity Engine, float32**", fast, batch, threads),
        new EnginePeer("**Severity Engine, int8**", integer, batch, threads),
        .. LibtorchPeer.IsAvailable ? (IPeer[])[new LibtorchPeer(batch, threads)] : [],
        new PythonPeer(script, checkpoint, batch, threads),
    ]);
    string dicom = work.CreateSubdirectory("dicom").FullName;
    Commands.Run("/usr/bin/python3", script, "--to-dicom", images, dicom);
    PipelineTable.Write(report, Math.Max(2, rounds / 5), severity, script, checkpoint, images, dicom, fast, integer);

    Console.Write(report);
    if (Option("--readme") is { } readme)
    {
        string text = File.ReadAllText(readme);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"{readme} lacks the marks {Begin} and {End}");
        File.WriteAllText(readme, string.Concat(text.AsSpan(0, begin + Begin.Length), "\n", report.ToString(), text.AsSpan(end)));
    }
    return 0;
}
finally
{
    work.Delete(recursive: true);
}

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;

static string FindRoot()
{
    DirectoryInfo? folder = new(AppContext.BaseDirectory);
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SeverityEngine.sln")))
        folder = folder.Parent;
    return folder?.FullName ?? throw new DirectoryNotFoundException($"no SeverityEngine.sln above {AppContext.BaseDirectory}");
}
