using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Models.Quantization;

/// <summary>Images to calibrate a quantized model on, as its input reads them.</summary>
public static class CalibrationImages
{
    /// <summary>More images are thinned out evenly: beyond this they bring little and cost time and memory.</summary>
    public const int Most = 96;

    /// <summary>With fewer, the ranges are those of the images, not of X-rays.</summary>
    internal const int Fewest = 8;

    /// <summary>
    /// The X-rays in a folder and those below it: files with an image's name; of more than <see cref="Most"/> so many, evenly. Hidden
    /// folders and links to folders are not entered.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="size">Width and height of the model's input.</param>
    /// <param name="skipped">
    /// Told of each image that cannot be read or decoded, and of each folder that cannot be listed; the others serve as well.
    /// </param>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileNotFound"/>: there is no such folder.
    /// <see cref="SeverityError.InvalidArgument"/>: there are too few images in it that can be read.</exception>
    public static IReadOnlyList<float[]> FromFolder(string folder, int size, Action<SeverityException>? skipped = null)
    {
        if (!Directory.Exists(folder))
            throw new SeverityException(
                SeverityError.FileNotFound, $"{folder}: there is no such folder; name one of X-rays, or 'phantoms'");
        List<string> files = [];
        foreach (FolderEntry entry in FolderWalker.Walk(folder, recursive: true))
        {
            if (entry.Fault is not null)
                skipped?.Invoke(entry.Fault);
            else if (ImageNames.IsImage(entry.Name))
                files.Add(entry.Path);
        }
        List<float[]> images = [];
        Preprocessor preprocessor = new(size);
        SeverityException? first = null;
        int taken = Math.Min(files.Count, Most);
        for (int i = 0; i < taken; i++)
        {
            try
            {
                using ImageFile file = ImageFile.OpenFound(files[(int)((long)i * files.Count / taken)]);
                using XRayImage image = file.Decode();
                images.Add(Prepare(preprocessor, image, size));
            }
            catch (SeverityException e) when (e.Code != SeverityError.OutOfMemory)
            {
                first ??= e;
                skipped?.Invoke(e);
            }
        }
        if (images.Count >= Fewest)
            return images;
        string read = files.Count == 0 ? "no file in it has the name of an image (.png, .jpg, ...)"
            : images.Count == 0 ? $"none of its {files.Count} images can be read"
            : images.Count == taken ? $"it holds {images.Count} X-rays"
            : $"{images.Count} of its {files.Count} images can be read";
        throw new SeverityException(SeverityError.InvalidArgument,
            $"{folder}: {read}, too few to calibrate on; name a folder of 30 to 100 X-rays, or 'phantoms'", first);
    }

    /// <summary>Images that are drawn or made, as a model's input reads them.</summary>
    /// <param name="images">The images; each is disposed once it has been read.</param>
    /// <param name="size">Width and height of the model's input.</param>
    public static IReadOnlyList<float[]> From(IEnumerable<XRayImage> images, int size)
    {
        ArgumentNullException.ThrowIfNull(images);
        Preprocessor preprocessor = new(size);
        List<float[]> prepared = [];
        foreach (XRayImage image in images)
        {
            using (image)
                prepared.Add(Prepare(preprocessor, image, size));
        }
        return prepared;
    }

    static float[] Prepare(Preprocessor preprocessor, XRayImage image, int size)
    {
        float[] input = new float[size * size];
        preprocessor.Run(image.Pixels, input);
        return input;
    }
}
