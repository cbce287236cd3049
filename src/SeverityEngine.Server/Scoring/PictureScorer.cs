using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.Saliency;

namespace SeverityEngine.Server.Scoring;

/// <summary>Scores one image, and makes the pictures that a request wants of it while its pixels are there.</summary>
/// <param name="explaining">Scores it, with a saliency map.</param>
/// <param name="wantsMap">Whether the map's picture is wanted.</param>
/// <param name="wantsView">Whether pictures for a viewer are.</param>
sealed class PictureScorer(IImageScorer explaining, bool wantsMap, bool wantsView) : IImageScorer
{
    /// <summary>The longest side of a viewer's pictures; a larger image is shown smaller by a whole factor.</summary>
    const int MostPixels = 1280;

    /// <summary>JPEG quality; the colors of a map need less than an X-ray's edges.</summary>
    const int XRayQuality = 88, OverlayQuality = 80;

    /// <summary>The map over the network's input, as <c>--saliency</c> writes it: a PNG file; null where there is none.</summary>
    public byte[]? Map { get; private set; }

    /// <summary>The X-ray as a viewer shows it, a JPEG file.</summary>
    public byte[]? XRay { get; private set; }

    /// <summary>The same under its map, a JPEG file.</summary>
    public byte[]? Overlay { get; private set; }

    public bool IsReady => explaining.IsReady;

    public DecodedImage Decode(string name, ImageFile file, TimeSpan reading) => explaining.Decode(name, file, reading);

    public ScoreRow Refuse(string name, SeverityException fault) => explaining.Refuse(name, fault);

    public ScoreRow Score(DecodedImage decoded)
    {
        ScoreRow row = explaining.Score(decoded);
        if (row.Saliency?.Map is not { } map)
            return row;
        if (wantsMap)
            Map = Encoded(stream => map.Write(stream, PictureFormat.Png));
        if (wantsView)
        {
            PicturePair pair = PicturePair.Draw(map, decoded.Image!.Pixels, MostPixels, end: null);
            byte[] gray = new byte[pair.Width * pair.Height];
            for (int i = 0; i < gray.Length; i++)
                gray[i] = pair.Plain[3 * i];
            XRay = Encoded(stream => ImageWriter.Write(stream,
                new PixelBlock(gray, pair.Width, pair.Height, channels: 1, bytesPerSample: 1), PictureFormat.Jpeg, quality: XRayQuality));
            Overlay = Encoded(stream => ImageWriter.Write(stream,
                new PixelBlock(pair.Overlay, pair.Width, pair.Height, channels: 3, bytesPerSample: 1), PictureFormat.Jpeg,
                quality: OverlayQuality));
        }
        return row;
    }

    static byte[] Encoded(Action<Stream> write)
    {
        using MemoryStream stream = new();
        write(stream);
        return stream.ToArray();
    }
}
