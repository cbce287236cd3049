using System.Text;
using SeverityEngine.Imaging.Dicom;

namespace SeverityEngine.Dicom.Writing;

/// <summary>
/// Tells this program's results by their data sets: an archive that sends them back may have written them in another transfer syntax, and
/// with a meta header of its own.
/// </summary>
static class OwnResult
{
    /// <summary>Whether a file is a result of this program.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="limits">What is refused.</param>
    public static bool Is(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        if (!DicomFile.Fits(file))
            return false;
        try
        {
            using DicomFile opened = DicomFile.Open(file, "", limits with { Gate = null });
            ReadOnlySpan<byte> data = opened.Data(file);
            bool isMaker = false, isProduct = false;
            DicomElements elements = new(data, opened.At, opened.Syntax, "");
            while (elements.Next(out DicomElement element) && element.Tag <= ResultTags.ManufacturerModel)
            {
                string text = element.Length > 64 ? ""
                    : Encoding.Latin1.GetString(data.Slice(element.At, (int)element.Length)).Trim(' ', '\0');
                isMaker |= element.Tag == ResultTags.Manufacturer && text == ResultObject.Manufacturer;
                isProduct |= element.Tag == ResultTags.ManufacturerModel && text == ResultObject.Product;
            }
            return isMaker && isProduct;
        }
        catch (SeverityException)
        {
            // What is wrong with it is said by whoever reads its picture.
            return false;
        }
    }
}
