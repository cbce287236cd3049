using System.CommandLine;

namespace SeverityEngine.Cli;

/// <summary><c>severity model list</c>: what can be installed, and what is.</summary>
static class ModelListCommand
{
    public static Command Create()
    {
        Option<string?> catalogue = CatalogueOption.Create();
        Command command = new("list", "Lists the published models, with sizes and licences, and what is installed.") { catalogue };
        command.SetAction(parsed =>
        {
            Print(CatalogueOption.Resolve(parsed.GetValue(catalogue)), ModelStore.Default());
            return 0;
        });
        return command;
    }

    static void Print(ModelCatalogue catalogue, ModelStore store)
    {
        IReadOnlyList<InstalledModel> installed = store.List();
        foreach (KnownModel model in catalogue.Models)
        {
            InstalledModel? here = installed.FirstOrDefault(m => m.Name == model.Name);
            Console.WriteLine($"{model.Name}  {(here is null ? "not installed" : $"installed, {Amount.Bytes(here.Size)}")}");
            Console.WriteLine($"  {model.Description}");
            Console.WriteLine($"  licence:  {model.License}");
            Console.WriteLine($"  download: {Amount.Bytes(model.Files.Sum(f => f.Size))} ({string.Join(", ", model.Files.Select(f => f.Name))})");
            if (here is not null)
                Console.WriteLine($"  file:     {here.Path}");
        }
        foreach (InstalledModel model in installed.Where(m => !catalogue.Models.Any(k => k.Name == m.Name)))
        {
            Console.WriteLine($"{model.Name}  {(model.Sha256 is null ? "put there by hand" : "installed")}, {Amount.Bytes(model.Size)}");
            Console.WriteLine($"  file:     {model.Path}");
        }
        Console.WriteLine($"Models are kept in {store.Folder}");
    }
}
