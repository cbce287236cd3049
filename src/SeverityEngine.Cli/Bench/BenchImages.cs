using SeverityEngine.Batch.Inputs;
using SeverityEngine.IO;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Cli.Bench;

/// <summary>The images that a benchmark scores in turn, as files in memory, so that no disk is measured.</summary>
sealed class BenchImages : IDisposable
{
    /// <summary>How many are taken of those that are named, and how many bytes they may have together.</summary>
    const int MostImages = 256;
    const long MostBytes = 1L << 30;

    const string Synthetic = "a synthetic X-ray of 1024 x 1024 pixels, JPEG";

    readonly List<ImageFile> _files = [];

    BenchImages(string description) => Description = description;

    /// <summary>What they are.</summary>
    public string Description { get; private set; }

    public int Count => _files.Count;

    public ImageFile this[int index] => _files[index % _files.Count];

    /// <summary>Reads what is named; draws one where nothing is.</summary>
    /// <param name="inputs">What is named.</param>
    /// <param name="limits">Which images are refused, and how DICOM files are read.</param>
    /// <exception cref="SeverityException">An image that cannot be read or decoded: there is no speed of failing.</exception>
    public static BenchImages Load(InputList inputs, ImageLimits limits)
    {
        BenchImages images = new(Synthetic);
        try
        {
            if (inputs.Paths.Count == 0 && inputs.List is null)
            {
                using MemoryStream drawn = new(new ChestPhantom { Seed = 1, GeographicExtent = 4, Opacity = 3 }.EncodeJpeg());
                images.Add(ImageFile.Read(drawn, "the synthetic X-ray"));
                return images;
            }
            long bytes = 0;
            LeftOut leftOut = new();
            foreach (InputItem input in inputs.Enumerate(leftOut))
            {
                images.Add(input.Read(limits));
                bytes += images._files[^1].Bytes.Length;
                if (images.Count == MostImages || bytes > MostBytes)
                    break;
            }
            if (images.Count == 0)
                throw leftOut.NoImages();
            images.Description = images.Count == 1 ? images[0].Name : $"{images.Count} images, {Amount.Bytes(bytes)}";
            return images;
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (ImageFile file in _files)
            file.Dispose();
    }

    void Add(ImageFile file)
    {
        _files.Add(file);
        using XRayImage decoded = file.Decode();
    }
}
