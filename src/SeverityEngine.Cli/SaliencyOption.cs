using System.CommandLine;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Cli.CommandLine;

namespace SeverityEngine.Cli;

/// <summary>The options of <c>severity predict</c> that ask for saliency maps.</summary>
sealed class SaliencyOption
{
    readonly Option<string?> _picture = new("--saliency", SeedSpelling.SaliencyOption)
    {
        Description = "Write where the model looked as a picture: a .png or .jpg file for one image, else a folder.",
        HelpName = "OUT",
    };

    readonly Option<string?> _raw = new("--saliency-raw")
    {
        Description = "Write the map's values as a NumPy file, float32 [S, S]: an .npy file for one image, else a folder.",
        HelpName = "FILE.npy",
    };

    readonly Option<string> _target = Choice("--saliency-of", "The score that the map explains.", "extent", "opacity");

    readonly Option<string> _method = Choice("--saliency-method",
        "gradient: as published. cam: the class activation map, for models with a linear head.", "gradient", "cam");

    readonly Option<string> _size = Choice("--saliency-size",
        "network: what the model sees, at its size. original: the whole image at its own.", "network", "original");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_picture, _target, _method, _size, _raw])
            command.Add(option);
    }

    /// <summary>What writes the maps that are asked for; null where none are.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: options that contradict each other or the number of images.
    /// </exception>
    public SaliencyFiles? Read(ParseResult parsed, InputList inputs)
    {
        int images = inputs.AtLeast;
        string? picture = parsed.GetValue(_picture), raw = parsed.GetValue(_raw);
        bool isOriginal = parsed.GetValue(_size) == "original";
        if (picture is null && raw is null)
        {
            foreach (Option option in (Option[])[_target, _method, _size])
            {
                if (parsed.GetResult(option) is { Implicit: false })
                {
                    throw new SeverityException(SeverityError.InvalidArgument,
                        $"{option.Name} says how a saliency map is made; name its file too: --saliency OUT.png");
                }
            }
            return null;
        }
        SaliencyOptions options = new()
        {
            Target = parsed.GetValue(_target) == "opacity" ? SaliencyTarget.Opacity : SaliencyTarget.GeographicExtent,
            Method = parsed.GetValue(_method) == "cam" ? SaliencyMethod.ClassActivation : SaliencyMethod.Gradient,
        };
        return new SaliencyFiles(
            options,
            picture is null ? null : new OutputPlace("--saliency", picture, images, PlacedKind.Picture),
            raw is null ? null : new OutputPlace("--saliency-raw", raw, images, PlacedKind.Values),
            isOriginal);
    }

    static Option<string> Choice(string name, string description, params string[] values)
    {
        Option<string> option = new(name)
        {
            Description = description,
            HelpName = string.Join('|', values),
            DefaultValueFactory = _ => values[0],
        };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
