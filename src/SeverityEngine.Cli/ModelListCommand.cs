using System.CommandLine;
using SeverityEngine.IO;
using SeverityEngine.Models;

namespace SeverityEngine.Cli;

/// <summary><c>severity model list</c>: what can be installed, and what is.</summary>
static class ModelListCommand
{
    public static Command Create()
    {
        Option<string?> catalog = CatalogOption.Create();
        Command command = new("list", "Lists the published models, with sizes and licenses, and what is installed.") { catalog };
        command.SetAction(parsed =>
        {
            Print(CatalogOption.Resolve(parsed.GetValue(catalog)), ModelStore.Default());
            return 0;
        });
        return command;
    }

    static void Print(ModelCatalog catalog, ModelStore store)
    {
        IReadOnlyList<InstalledModel> installed = store.List();
        foreach (KnownModel model in catalog.Models)
        {
            InstalledModel? here = installed.FirstOrDefault(m => m.Name == model.Name);
            Console.WriteLine($"{model.Name}  {(here is null ? "not installed" : $"installed, {Amount.Bytes(here.Size)}")}");
            Console.WriteLine($"  {model.Description}");
            Console.WriteLine($"  license:  {model.License}");
            Console.WriteLine(
                $"  download: {Amount.Bytes(model.Files.Sum(f => f.Size))} ({string.Join(", ", model.Files.Select(f => f.Name))})");
            if (here is not null)
                Console.WriteLine($"  file:     {here.Path}");
        }
        foreach (InstalledModel model in installed.Where(m => !catalog.Models.Any(k => k.Name == m.Name)))
        {
            Console.WriteLine($"{model.Name}  {(model.Sha256 is null ? "put there by hand" : "installed")}, {Amount.Bytes(model.Size)}");
            Console.WriteLine($"  file:     {model.Path}");
        }
        Console.WriteLine($"Models are kept in {store.Folder}");
    }
}
