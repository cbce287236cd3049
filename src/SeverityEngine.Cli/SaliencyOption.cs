using System.CommandLine;
using System.Globalization;
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

    readonly Option<string?> _panel = new("--saliency-panel")
    {
        Description = "Write X-ray and map side by side, with the colors' scale, the scores and the model: a .png or .jpg file for one "
            + "image, else a folder.",
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

    readonly Option<string> _scale = Choice("--saliency-scale",
        "image: colors reach to each map's own largest value. absolute: to the same value for every image; where the map is near 0 the "
            + "X-ray shows through.", "image", "absolute");

    readonly Option<float?> _max = new("--saliency-max")
    {
        Description = "The value that an absolute scale ends at, for models of which it is not known.",
        HelpName = "VALUE",
    };

    public SaliencyOption() => _max.Validators.Add(found =>
    {
        // What is no number has its own error.
        if (found.Tokens is [{ Value: string text }] && float.TryParse(text, CultureInfo.InvariantCulture, out float end)
            && !(end > 0 && float.IsFinite(end)))
            found.AddError($"--saliency-max {text}: give a number above 0.");
    });

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_picture, _panel, _target, _method, _size, _scale, _max, _raw])
            command.Add(option);
    }

    /// <summary>What writes the maps that are asked for; null where none are.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: options that contradict each other or the number of images.
    /// </exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="inputs">The images.</param>
    /// <param name="isWanted">Whether another option has a use for maps.</param>
    public SaliencyFiles? Read(ParseResult parsed, InputList inputs, bool isWanted)
    {
        int images = inputs.AtLeast;
        string? picture = parsed.GetValue(_picture), panel = parsed.GetValue(_panel), raw = parsed.GetValue(_raw);
        if (picture is null && panel is null && raw is null && !isWanted)
        {
            foreach (Option option in (Option[])[_target, _method, _size, _scale, _max])
            {
                if (IsGiven(option))
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
        float? end = parsed.GetValue(_max);
        bool isAbsolute = parsed.GetValue(_scale) == "absolute";
        if (end is not null && !isAbsolute && IsGiven(_scale))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                "--saliency-max is an absolute scale's end, and --saliency-scale image has none; leave one of them away");
        }
        return new SaliencyFiles(options)
        {
            Pictures = Place("--saliency", picture, PlacedKind.Picture),
            Panels = Place("--saliency-panel", panel, PlacedKind.Panel),
            Values = Place("--saliency-raw", raw, PlacedKind.Values),
            IsOriginal = parsed.GetValue(_size) == "original",
            IsAbsolute = isAbsolute,
            End = end,
        };

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

        OutputPlace? Place(string option, string? path, PlacedKind kind) =>
            path is null ? null : new OutputPlace(option, path, images, kind);
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
