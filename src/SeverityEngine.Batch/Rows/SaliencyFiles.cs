using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>Makes the saliency maps that are asked for and writes their files.</summary>
/// <param name="options">What to explain, and how.</param>
/// <param name="pictures">Where pictures go; null for none.</param>
/// <param name="raws">Where the values go; null for nowhere.</param>
/// <param name="isOriginal">Whether pictures show the whole image at its own size.</param>
sealed class SaliencyFiles(SaliencyOptions options, OutputPlace? pictures, OutputPlace? raws, bool isOriginal)
{
    /// <summary>
    /// Makes the predictor ready to explain; a model that cannot be explained is disposed and refused before any image is read.
    /// </summary>
    public SeverityPredictor Check(SeverityPredictor predictor)
    {
        try
        {
            predictor.PrepareToExplain(options);
            return predictor;
        }
        catch
        {
            predictor.Dispose();
            throw;
        }
    }

    /// <summary>The one file that was named for the pictures and for the values, each with its option.</summary>
    public IEnumerable<(string Option, string Path)> Outputs => Places.Select(place => place.File).OfType<(string, string)>();

    IEnumerable<OutputPlace> Places => new[] { pictures, raws }.OfType<OutputPlace>();

    /// <summary>Makes the folders, or refuses to replace a file that is none of this program's; before any image is read.</summary>
    /// <param name="inputs">Files that are read, whose names no map gets.</param>
    /// <param name="force">Whether the file that was named may replace whatever stands there.</param>
    public void Prepare(IEnumerable<string> inputs, bool force)
    {
        string[] read = [.. inputs];
        foreach (OutputPlace place in Places)
        {
            place.Prepare(force);
            foreach (string input in read)
                place.Keep(null, input);
        }
    }

    /// <summary>Keeps the files that rows name from other images; before the first name is settled.</summary>
    /// <param name="held">The rows that the output holds.</param>
    public void Keep(ResumeIndex held)
    {
        foreach ((string image, string? picture, string? values) in held.Maps)
        {
            if (picture is not null)
                pictures?.Keep(image, picture);
            if (values is not null)
                raws?.Keep(image, values);
        }
    }

    /// <summary>Settles the names of an image's files; to be called in the order of the inputs.</summary>
    public void Reserve(string name)
    {
        pictures?.FileFor(name);
        raws?.FileFor(name);
    }

    /// <summary>What to explain, and how.</summary>
    public SaliencyOptions Options => options;

    /// <summary>Writes an image's map.</summary>
    public WrittenSaliency Write(SaliencyMap map, string name, XRayImage image)
    {
        string? picture = pictures?.FileFor(name), raw = raws?.FileFor(name);
        if (picture is not null && isOriginal)
            map.Save(picture, image.Pixels);
        else if (picture is not null)
            map.Save(picture);
        if (raw is not null)
            SaveValues(raw, map);
        return new WrittenSaliency(map, picture, raw);
    }

    static void SaveValues(string path, SaliencyMap map)
    {
        using NpyFile file = new(path);
        for (int y = 0; y < map.Height; y++)
            file.Write(map.Values.Span.Slice(y * map.Width, map.Width));
        file.Complete(map.Width);
    }
}

/// <summary>A saliency map and the files that it was written to.</summary>
sealed record WrittenSaliency(SaliencyMap Map, string? Picture, string? Raw)
{
    /// <summary>The score that it explains, as the command line spells it.</summary>
    public string Of => Map.Options.Target == SaliencyTarget.Opacity ? "opacity" : "extent";

    /// <summary>How it was made, as the command line spells it.</summary>
    public string Method => Map.Options.Method == SaliencyMethod.ClassActivation ? "cam" : "gradient";
}
