using SeverityEngine.Models.Store;

namespace SeverityEngine.Models;

/// <summary>A model that can be made from published weights.</summary>
/// <param name="Name">Its name, which is also its name in the store.</param>
/// <param name="Version">Its version.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Head">What turns the backbone's outputs into scores: <c>cidc</c> or <c>ralo</c>.</param>
/// <param name="Backbone">The network's weights.</param>
/// <param name="HeadFiles">The head's weights: none, or that of geographic extent and that of opacity.</param>
/// <param name="License">The license of the weights.</param>
/// <param name="Citation">What to cite.</param>
/// <param name="PublishedScores">Scores that were published with the weights, to hold an installation against; may be empty.</param>
public sealed record KnownModel(
    string Name,
    string Version,
    string Description,
    string Head,
    WeightsFile Backbone,
    IReadOnlyList<WeightsFile> HeadFiles,
    string License,
    string Citation,
    IReadOnlyList<PublishedScore> PublishedScores)
{
    /// <summary>All the files that it is made from.</summary>
    public IReadOnlyList<WeightsFile> Files { get; } = [Backbone, .. HeadFiles];
}

/// <summary>The scores that were published for an image.</summary>
/// <param name="Image">The image's file name.</param>
/// <param name="GeographicExtent">Its geographic extent, 0 to 8.</param>
/// <param name="Opacity">Its opacity, 0 to 6.</param>
public sealed record PublishedScore(string Image, double GeographicExtent, double Opacity);

/// <summary>A published file that a model is made from.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Url">Where it is published; HTTPS.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">Its SHA-256, as 64 lower-case hexadecimal digits.</param>
/// <param name="License">Its license.</param>
/// <param name="Source">Who published it where.</param>
public sealed record WeightsFile(string Name, string Url, long Size, string Sha256, string License, string Source)
{
    /// <summary>Reads any weights file whole, verifying nothing.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileNotFound"/>, <see cref="SeverityError.FileUnreadable"/>,
    /// <see cref="SeverityError.FileTooLarge"/>.</exception>
    public static byte[] ReadAny(string path) => StoreFiles.ReadWeights(path);

    /// <summary>Whether bytes are this file's.</summary>
    public bool Matches(ReadOnlySpan<byte> bytes) => bytes.Length == Size && ContentHash.Sha256(bytes) == Sha256;

    /// <summary>
    /// Reads a copy of the file and verifies its size and hash: what is returned are the verified bytes, not the file's as it may become.
    /// </summary>
    /// <param name="path">The copy.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.VerificationFailed"/>, <see cref="SeverityError.FileNotFound"/>,
    /// <see cref="SeverityError.FileUnreadable"/>.</exception>
    public byte[] Read(string path)
    {
        byte[] bytes = StoreFiles.ReadCopy(path, this);
        if (bytes.Length != Size)
        {
            throw new SeverityException(SeverityError.VerificationFailed,
                $"{path}: the file is of {bytes.Length} bytes, and {Name} of {Size}; download it again");
        }
        string sha256 = ContentHash.Sha256(bytes);
        if (sha256 != Sha256)
        {
            throw new SeverityException(SeverityError.VerificationFailed,
                $"{path}: the file's SHA-256 is {sha256}, and {Name} has {Sha256}; it is damaged or another file: download it again");
        }
        return bytes;
    }
}
