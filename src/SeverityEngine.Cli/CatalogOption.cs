using System.CommandLine;
using SeverityEngine.Models;

namespace SeverityEngine.Cli;

/// <summary>Which published models a command knows: the built-in list, or a file of its form.</summary>
static class CatalogOption
{
    public static Option<string?> Create() => new("--catalog", "--catalogue")
    {
        Description = "Use this list of published models in place of the built-in one, for example with a mirror's addresses; "
            + "models/catalog.json in the sources shows the form.",
        HelpName = "FILE",
    };

    public static ModelCatalog Resolve(string? path) => path is null ? ModelCatalog.BuiltIn : ModelCatalog.Load(path);
}
