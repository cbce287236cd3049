using SeverityEngine.Preprocessing;

namespace SeverityEngine.Models.Quantization;

/// <summary>Images to calibrate a quantized model on, as its input reads them.</summary>
public static class CalibrationImages
{
    /// <summary>More images are thinned out evenly: beyond this they bring little and cost time and memory.</summary>
    public const int Most = 96;

    /// <summary>The X-rays in a folder and those below it; files that are no images are passed over.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="size">Width and height of the model's input.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileNotFound"/>: there is no such folder.
    /// <see cref="SeverityError.InvalidArgument"/>: no file in it is an image that can be read.</exception>
    public static IReadOnlyList<float[]> FromFolder(string folder, int size)
    {
        if (!Directory.Exists(folder))
            throw new SeverityException(SeverityError.FileNotFound, $"{folder}: there is no such folder; name one of X-rays, or 'phantoms'");
        string[] files = [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true }).Order(StringComparer.Ordinal)];
        List<float[]> images = [];
        Preprocessor preprocessor = new(size);
        int step = Math.Max(1, (files.Length + Most - 1) / Most);
        for (int i = 0; i < files.Length; i += step)
        {
            try
            {
                using XRayImage image = XRayImage.Load(files[i]);
                images.Add(Prepare(preprocessor, image, size));
            }
            catch (SeverityException e) when (e.Code != SeverityError.OutOfMemory)
            {
                // A text or table beside the images, or a damaged one: the others serve as well.
            }
        }
        return images.Count > 0 ? images
            : throw new SeverityException(SeverityError.InvalidArgument, $"{folder}: no file in it is an X-ray that can be read; calibration needs some 30 or more");
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
