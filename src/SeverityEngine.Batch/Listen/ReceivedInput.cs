using SeverityEngine.Batch.Inputs;
using SeverityEngine.Dicom.Writing;

namespace SeverityEngine.Batch.Listen;

/// <summary>An object that was received, which rows name by its way from the listener's folder.</summary>
/// <param name="path">Its file.</param>
/// <param name="name">What rows call it.</param>
/// <param name="isResult">Told of one that is a result of this program, before it is refused.</param>
sealed class ReceivedInput(string path, string name, Action<string> isResult) : InputItem(name)
{
    public override ImageFile Read(ImageLimits limits)
    {
        ImageFile file = ImageFile.OpenFound(path, limits);
        if (!OwnResult.Is(file.Bytes, limits))
            return file;
        file.Dispose();
        isResult(Name);
        throw new SeverityException(
            SeverityError.ImageFormatUnsupported, $"{path}: is a result of this program, no X-ray; it is not scored");
    }

    public override byte[]? ReadStart(ImageLimits limits) => ImageFile.ReadStart(path, limits);
}
