using SeverityEngine.Batch.Inputs;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>Makes the saliency maps that are asked for and writes their files.</summary>
/// <param name="options">What to explain, and how.</param>
sealed class SaliencyFiles(SaliencyOptions options)
{
    // Of the predictor, which is made while the run begins.
    ModelInfo? _model;
    float? _end;

    /// <summary>What to explain, and how.</summary>
    public SaliencyOptions Options => options;

    /// <summary>Where pictures go; null for none.</summary>
    public OutputPlace? Pictures { get; init; }

    /// <summary>Where panels go; null for none.</summary>
    public OutputPlace? Panels { get; init; }

    /// <summary>Where the values go; null for nowhere.</summary>
    public OutputPlace? Values { get; init; }

    /// <summary>Whether pictures show the whole image at its own size.</summary>
    public bool IsOriginal { get; init; }

    /// <summary>Whether colors end at one value for all images: at <see cref="End"/>, or where that is null, at the model's.</summary>
    public bool IsAbsolute { get; init; }

    /// <summary>The value at which colors end; null for each map's largest, or the model's.</summary>
    public float? End { get; init; }

    /// <summary>
    /// Makes the predictor ready to explain; a model that cannot be explained, or not on the scale that is asked for, is disposed and
    /// refused before any image is read.
    /// </summary>
    public SeverityPredictor Check(SeverityPredictor predictor)
    {
        try
        {
            _model = predictor.Model;
            _end = End;
            if (IsAbsolute)
                _end ??= options.AbsoluteEnd(_model) ?? throw NoEnd(_model);
            predictor.PrepareToExplain(options);
            return predictor;
        }
        catch
        {
            predictor.Dispose();
            throw;
        }
    }

    /// <summary>The one file that was named for each kind, with its option.</summary>
    public IEnumerable<(string Option, string Path)> Outputs => OutputPlace.Files(Pictures, Panels, Values);

    /// <summary>The value at which this run's colors end; null for each map's largest.</summary>
    public float? ActualEnd => _end;

    /// <summary>Makes the folders, or refuses to replace a file that is none of this program's; before any image is read.</summary>
    /// <param name="inputs">Files that are read, whose names no map gets.</param>
    /// <param name="force">Whether the file that was named may replace whatever stands there.</param>
    public void Prepare(IEnumerable<string> inputs, bool force) => OutputPlace.Prepare(inputs, force, Pictures, Panels, Values);

    /// <summary>Keeps the files that rows name from other images; before the first name is settled.</summary>
    /// <param name="held">The rows that the output holds.</param>
    public void Keep(ResumeIndex held)
    {
        foreach ((string image, SaliencyPaths files) in held.Maps)
        {
            Keep(Pictures, files.Picture);
            Keep(Panels, files.Panel);
            Keep(Values, files.Values);

            void Keep(OutputPlace? place, string? file)
            {
                if (file is not null)
                    place?.Keep(image, file);
            }
        }
    }

    /// <summary>Settles the names of an image's files; to be called in the order of the inputs.</summary>
    public void Reserve(InputItem input) => OutputPlace.Reserve(input, Pictures, Panels, Values);

    /// <summary>Lets go of the names of an image's files.</summary>
    public void Forget(string image)
    {
        Pictures?.Forget(image);
        Panels?.Forget(image);
        Values?.Forget(image);
    }

    /// <summary>The folders that were named.</summary>
    public IEnumerable<string> Folders => OutputPlace.Folders(Pictures, Panels, Values);

    /// <summary>Has no file in a folder replaced, whose file it may be.</summary>
    public void ReplaceNothing() => OutputPlace.ReplaceNothing(Pictures, Panels, Values);

    /// <summary>Writes an image's map.</summary>
    public WrittenSaliency Write(SaliencyMap map, string name, XRayImage image)
    {
        SaliencyPaths files = new(Pictures?.Ready(name), Panels?.Ready(name), Values?.Ready(name));
        string called = name == StandardInput.Spelling ? "standard input" : Path.GetFileName(name);
        if (files.Picture is { } picture)
        {
            if (IsOriginal)
                map.Save(picture, image.Pixels, _end);
            else
                map.Save(picture, _end);
        }
        if (files.Panel is { } panel)
        {
            if (IsOriginal)
                map.SavePanel(panel, image.Pixels, _model!, called, _end);
            else
                map.SavePanel(panel, _model!, called, _end);
        }
        if (files.Values is not null)
            SaveValues(files.Values, map);
        return new WrittenSaliency(map, files);
    }

    static SeverityException NoEnd(ModelInfo model) => new(SeverityError.ModelUnsupported,
        $"model {model.Name} {model.Version}: what its maps' values usually reach is not known, which --saliency-scale absolute needs; "
        + "say where colors end with --saliency-max VALUE, of the size of saliency.peak.value in rows, or use the built-in model");

    static void SaveValues(string path, SaliencyMap map)
    {
        using NpyFile file = new(path);
        for (int y = 0; y < map.Height; y++)
            file.Write(map.Values.Span.Slice(y * map.Width, map.Width));
        file.Complete(map.Width);
    }
}

/// <summary>The files of a saliency map; null for each that is not written.</summary>
/// <param name="Picture">The map over the X-ray.</param>
/// <param name="Panel">The map beside the X-ray.</param>
/// <param name="Values">The map's values.</param>
readonly record struct SaliencyPaths(string? Picture, string? Panel, string? Values);

/// <summary>A saliency map and the files that it was written to.</summary>
sealed record WrittenSaliency(SaliencyMap Map, SaliencyPaths Files)
{
    /// <summary>The score that it explains, as the command line spells it.</summary>
    public string Of => Map.Options.Target == SaliencyTarget.Opacity ? "opacity" : "extent";

    /// <summary>How it was made, as the command line spells it.</summary>
    public string Method => Map.Options.Method == SaliencyMethod.ClassActivation ? "cam" : "gradient";
}
