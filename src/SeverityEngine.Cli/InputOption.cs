using System.CommandLine;
using System.CommandLine.Parsing;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Cli;

/// <summary>The images that a command reads, however they are named.</summary>
sealed class InputOption
{
    readonly Argument<string[]> _images = new("IMAGE")
    {
        Description =
            $"Chest X-rays: {ImageFormats.ReadFormats("or")} files, folders of them, patterns ('x/**/*.png'), zip and tar archives; "
            + "in folders and archives DICOM files without an extension are found too; - reads one image from standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    readonly Option<string?> _list = new("--from-list")
    {
        Description = "A file that names images, one path a line; - for standard input.",
        HelpName = "FILE",
    };

    readonly Option<bool> _nul = new("-0", "--null")
    {
        Description = "A NUL, not a line's end, comes after each path of the list (find -print0).",
    };

    readonly Option<bool> _recursive = RecursiveOption.Create();

    readonly string? _instead;

    /// <param name="instead">What is read where no image is named; null where one must be.</param>
    /// <param name="also">What else may stand among the images; null for nothing.</param>
    public InputOption(string? instead = null, string? also = null)
    {
        _instead = instead;
        if (also is not null)
            _images.Description = $"{also}, or c{_images.Description![1..]}";
        _images.Description += instead is null ? "." : $". Default: {instead}.";
        // Whatever is no option's name is taken for an image, a mistyped option too.
        _images.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.Where(t => t.Value is ['-', _, ..] && !File.Exists(t.Value)))
                result.AddError($"There is no option {token.Value}, and no image of that name.");
        });
    }

    public void AddTo(Command command)
    {
        command.Add(_images);
        command.Add(_list);
        command.Add(_nul);
        command.Add(_recursive);
        command.Validators.Add(parsed =>
        {
            if (_instead is null && parsed.GetValue(_images) is not { Length: > 0 } && parsed.GetValue(_list) is null)
                parsed.AddError("Name an IMAGE, a folder, or a list of them (--from-list).");
            if (parsed.GetValue(_nul) && parsed.GetValue(_list) is null)
                parsed.AddError("-0 tells how the paths of --from-list are separated; name that list.");
        });
    }

    public InputList Read(ParseResult parsed) =>
        new(parsed.GetValue(_images)!, parsed.GetValue(_list), parsed.GetValue(_nul), parsed.GetValue(_recursive));
}

/// <summary>Whether folders below named ones are entered.</summary>
static class RecursiveOption
{
    public static Option<bool> Create() =>
        new("--recursive", "-r") { Description = "Enter the folders below those that are named." };
}

/// <summary>Whether rows have the probabilities of the model's findings.</summary>
static class FindingsOption
{
    public static Option<bool> Create() => new("--findings")
    {
        Description = "Also the calibrated probabilities of the model's findings (0.5 at the operating point), where it has logits; "
            + "the built-in one has none.",
    };
}

/// <summary>Whether pictures outside the model's domain are errors.</summary>
static class RefuseOutsideOption
{
    public static Option<bool> Create() => new("--refuse-outside")
    {
        Description = "Give an error, not a score, for pictures that do not look like frontal chest X-rays.",
    };
}

/// <summary>How many cores a command uses.</summary>
static class ThreadsOption
{
    public static Option<int> Create()
    {
        Option<int> threads = new("--threads") { Description = "Cores to use; 0 uses all.", HelpName = "N" };
        NumberRange.Require(threads, 0);
        return threads;
    }
}

/// <summary>Options that name a folder from which paths are told.</summary>
static class FolderOption
{
    /// <summary>Refuses a folder that is not there.</summary>
    public static void RequireThere(Option<string?> option) => option.Validators.Add(found =>
    {
        if (found.Tokens is [{ Value: string folder }] && !Directory.Exists(folder))
            found.AddError($"{option.Name} {folder}: there is no such folder.");
    });
}
