using System.CommandLine;
using SeverityEngine.IO;
using SeverityEngine.Models;

namespace SeverityEngine.Cli;

/// <summary><c>severity model install</c>: published weights, downloaded, verified, converted and kept.</summary>
static class ModelInstallCommand
{
    public static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "The model; 'severity model list' shows them." };
        Option<string[]> from = new("--from")
        {
            Description =
                "Files that were downloaded elsewhere, for machines without internet: under any names and in any order, for they are "
                + "recognized by their hash. Nothing is downloaded then.",
            HelpName = "FILE...",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> catalog = CatalogOption.Create();
        Command command = new("install",
            "Installs a published model: downloads its weights over HTTPS, verifies them, converts them to ONNX and keeps the model in the "
            + "user's folder (SEVERITY_HOME, else the system's folder for programs' data). "
            + "An interrupted download goes on where it stopped.")
        {
            name,
            from,
            catalog,
        };
        command.SetAction((parsed, cancellation) =>
            Run(parsed.GetValue(name)!, parsed.GetValue(from) ?? [], CatalogOption.Resolve(parsed.GetValue(catalog)), cancellation));
        return command;
    }

    static async Task<int> Run(string name, string[] from, ModelCatalog catalog, CancellationToken cancellation)
    {
        KnownModel model = catalog.Find(name);
        ModelInstaller installer = new(catalog: catalog);
        InstalledModel installed = from.Length > 0
            ? installer.InstallFrom(name, from)
            : await installer.InstallAsync(name, DownloadDisplay.Show, cancellation);
        foreach (WeightsFile file in model.Files)
            Console.WriteLine($"verified   {file.Name} ({Amount.Bytes(file.Size)}, SHA-256 {file.Sha256})");
        Console.WriteLine($"installed  {installed.Path} ({Amount.Bytes(installed.Size)})");
        Console.WriteLine($"license    {model.License}");
        Console.WriteLine($"cite       {model.Citation}");
        Console.WriteLine("For research only, not for medical use.");
        Console.WriteLine($"Try it: severity predict --model {name} YOUR-XRAY");
        return 0;
    }
}
