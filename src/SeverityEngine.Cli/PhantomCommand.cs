using System.CommandLine;
using System.Globalization;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.IO;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Cli;

/// <summary><c>severity phantom</c>: draws synthetic chest X-rays.</summary>
static class PhantomCommand
{
    /// <summary>Where a pattern takes the seed.</summary>
    const string SeedMark = "{seed}";

    public static Command Create()
    {
        Argument<string> output = new("OUT")
        {
            Description = "The file: .png, .jpg or .jpeg; a phantom that is there is replaced, another file is not. "
                + "With --count a folder, which is made where it is not there, for phantom-SEED.png files, "
                + "or a pattern with {seed}, such as chest-{seed}.jpg.",
        };
        Option<long> seed = new("--seed") { Description = "Chooses the patient and where the opacities lie. Default: 0.", HelpName = "N" };
        Option<double> extent = new("--extent") { Description = "Geographic extent, 0 to 8. Default: 0, clear lungs.", HelpName = "X" };
        Option<double?> opacity = new("--opacity")
        {
            Description = "Opacity, 0 to 6. Default: what usually comes with the extent.",
            HelpName = "Y",
        };
        Option<string> size = new("--size")
        {
            Description = "Pixels: a square's side, or width x height.",
            HelpName = "W[xH]",
            DefaultValueFactory = _ => "1024",
        };
        Option<int> bits = new("--bits")
        {
            Description = "Bits a sample, 8 or 16; JPEG holds 8.",
            HelpName = "8|16",
            DefaultValueFactory = _ => 8,
        };
        Option<int?> count = new("--count") { Description = "Draws so many, with the seeds from --seed on.", HelpName = "N" };
        Option<bool> force = ForceOption.Create();

        Command command =
            new("phantom", "Draws synthetic frontal chest X-rays of a chosen severity, the same for the same seed on every machine.")
        {
            output,
            seed,
            extent,
            opacity,
            size,
            bits,
            count,
            force,
        };
        command.SetAction(parsed =>
        {
            (int width, int height) = ParseSize(parsed.GetValue(size)!);
            double asked = parsed.GetValue(extent);
            ChestPhantom phantom = new()
            {
                Seed = parsed.GetValue(seed),
                Width = width,
                Height = height,
                GeographicExtent = asked,
                Opacity = parsed.GetValue(opacity) ?? ChestPhantom.UsualOpacity(asked),
                BitsPerSample = parsed.GetValue(bits),
            };
            if (parsed.GetValue(count) is { } number)
                SaveSeries(phantom, parsed.GetValue(output)!, number, parsed.GetValue(force));
            else
                Save(phantom, parsed.GetValue(output)!, parsed.GetValue(force));
            return 0;
        });
        return command;
    }

    static void SaveSeries(ChestPhantom first, string output, int count, bool force)
    {
        if (count < 1)
            throw new SeverityException(SeverityError.InvalidArgument, $"a count of {count}: at least 1 phantom is drawn");
        if (first.Seed > long.MaxValue - (count - 1))
            throw new SeverityException(
                SeverityError.InvalidArgument, $"{count} seeds from {first.Seed} on go beyond {long.MaxValue}, the last");
        first.Validate();
        string pattern = output;
        if (!output.Contains(SeedMark, StringComparison.Ordinal))
        {
            if (Path.HasExtension(output) && !Directory.Exists(output))
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"{output}: {count} phantoms do not fit one file; name a folder, or a pattern with {SeedMark}");
            }
            pattern = Path.Combine(output, $"phantom-{SeedMark}.png");
            AtomicFile.MakeFolder(output);
        }
        for (int i = 0; i < count; i++)
        {
            long seed = first.Seed + i;
            Save(first with { Seed = seed },
                pattern.Replace(SeedMark, seed.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), force);
        }
    }

    static void Save(ChestPhantom phantom, string path, bool force)
    {
        OutputGuard.RequireKind(path, "a phantom", start => ImageWriter.IsMadeBy(start, ChestPhantom.Software), force);
        phantom.Save(path);
    }

    static (int Width, int Height) ParseSize(string text)
    {
        string[] sides = text.Split('x');
        if (sides.Length <= 2
            && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            && int.TryParse(sides[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int height))
        {
            return (width, height);
        }
        throw new SeverityException(SeverityError.InvalidArgument,
            $"a size of {text}: give a side in pixels, such as 1024, or two, such as 1200x1000");
    }
}
