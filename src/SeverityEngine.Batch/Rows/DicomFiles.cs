using SeverityEngine.Batch.Inputs;
using SeverityEngine.Dicom;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>Makes the DICOM results that are asked for and writes their files.</summary>
/// <param name="model">The model of the run, which results name by its hash.</param>
sealed class DicomFiles(ModelFile model)
{
    /// <summary>Where reports go; null for none.</summary>
    public OutputPlace? Reports { get; init; }

    /// <summary>Where pictures of saliency maps go; null for none.</summary>
    public OutputPlace? Captures { get; init; }

    /// <summary>The one file that was named for each kind, with its option.</summary>
    public IEnumerable<(string Option, string Path)> Outputs => OutputPlace.Files(Reports, Captures);

    /// <summary>Makes the folders, or refuses to replace a file that is none of this program's; before any image is read.</summary>
    /// <param name="inputs">Files that are read, whose names no result gets.</param>
    /// <param name="force">Whether the file that was named may replace whatever stands there.</param>
    public void Prepare(IEnumerable<string> inputs, bool force) => OutputPlace.Prepare(inputs, force, Reports, Captures);

    /// <summary>Keeps the files that rows name from other images; before the first name is settled.</summary>
    /// <param name="held">The rows that the output holds.</param>
    public void Keep(ResumeIndex held)
    {
        foreach ((string image, DicomPaths files) in held.DicomResults)
        {
            if (files.Report is not null)
                Reports?.Keep(image, files.Report);
            if (files.Saliency is not null)
                Captures?.Keep(image, files.Saliency);
        }
    }

    /// <summary>Settles the names of an image's files; to be called in the order of the inputs.</summary>
    public void Reserve(InputItem input) => OutputPlace.Reserve(input, Reports, Captures);

    /// <summary>Lets go of the names of an image's files.</summary>
    public void Forget(string image)
    {
        Reports?.Forget(image);
        Captures?.Forget(image);
    }

    /// <summary>The folders that were named.</summary>
    public IEnumerable<string> Folders => OutputPlace.Folders(Reports, Captures);

    /// <summary>Has no file in a folder replaced, whose file it may be.</summary>
    public void ReplaceNothing() => OutputPlace.ReplaceNothing(Reports, Captures);

    /// <summary>What results take from an image's file; to be called while that is in memory.</summary>
    public static DicomOrigin Read(ImageFile file, string sha256)
    {
        try
        {
            // The memory for the file and its picture is taken already.
            return new DicomOrigin(DicomSource.Read(file.Bytes, file.Name, file.Limits with { Gate = null }, sha256), null);
        }
        catch (SeverityException e)
        {
            return new DicomOrigin(null, e);
        }
    }

    /// <summary>Writes an image's results; of a file that cannot have any, says why.</summary>
    /// <param name="origin">What <see cref="Read"/> gave.</param>
    /// <param name="prediction">The scores, with a map where a picture of one is wanted.</param>
    /// <param name="image">The image.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="saliency">How maps are drawn.</param>
    public WrittenDicom Write(DicomOrigin origin, Prediction prediction, XRayImage image, string name, SaliencyFiles? saliency)
    {
        if (origin.Source is not { } source)
            return new WrittenDicom(default) { Fault = origin.Fault };
        DicomPaths files = new(Reports?.Ready(name), Captures?.Ready(name));
        if (files.Report is not null)
            DicomReport.Write(files.Report, source, prediction, model.Sha256);
        if (files.Saliency is not null)
        {
            AtomicFile.Write(files.Saliency, DicomSaliency.Encode(
                source, prediction, model.Sha256, saliency!.IsOriginal ? image.Pixels : default, saliency.ActualEnd));
        }
        return new WrittenDicom(files);
    }
}

/// <summary>What DICOM results take from an image's file, or why there is nothing.</summary>
readonly record struct DicomOrigin(DicomSource? Source, SeverityException? Fault);

/// <summary>The DICOM results of an image; null for each that is not written.</summary>
/// <param name="Report">The report.</param>
/// <param name="Saliency">The picture of the saliency map.</param>
readonly record struct DicomPaths(string? Report, string? Saliency);

/// <summary>The files that an image's DICOM results were written to.</summary>
sealed record WrittenDicom(DicomPaths Files)
{
    /// <summary>Why there are none: the image's file has no study that they could join. The scores stand.</summary>
    public SeverityException? Fault { get; init; }
}
