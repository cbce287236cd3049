using System.CommandLine;

namespace SeverityEngine.Cli;

/// <summary>Which published models a command knows: the built-in list, or a file of its form.</summary>
static class CatalogueOption
{
    public static Option<string?> Create() => new("--catalogue")
    {
        Description = "Use this list of published models in place of the built-in one, for example with a mirror's addresses; "
            + "models/catalogue.json in the sources shows the form.",
        HelpName = "FILE",
    };

    public static ModelCatalogue Resolve(string? path) => path is null ? ModelCatalogue.BuiltIn : ModelCatalogue.Load(path);
}
