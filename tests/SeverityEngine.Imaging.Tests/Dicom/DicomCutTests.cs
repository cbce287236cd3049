namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>Files that are cut short.</summary>
public class DicomCutTests
{
    public static TheoryData<string> Forms => [.. DicomForm.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_prefix_is_refused_unless_it_has_all_pixels(string name)
    {
        DicomForm form = DicomForm.All.Single(f => f.Name == name);
        byte[] file = form.File;
        using XRayImage whole = form.Decode(file);
        // Of a deflated data set no byte is any one's; the last only say that it ends.
        int end = form.IsDeflated ? file.Length - 16 : file.Length - form.DataSet.Length + form.PixelsEnd;
        for (int length = 1; length < file.Length; length++)
        {
            try
            {
                using XRayImage cut = form.Decode(file.AsSpan(0, length));
                Assert.True(length >= end, $"{length} of {file.Length} bytes are read, and {end} are needed");
                Assert.Equal((whole.Width, whole.Height, whole.BitsPerSample), (cut.Width, cut.Height, cut.BitsPerSample));
                Assert.Equal(whole.Pixels.Data, cut.Pixels.Data);
            }
            catch (SeverityException e)
            {
                Assert.True(length < end || form.IsDeflated, $"{length} of {file.Length} bytes: {e.Message}");
                Assert.True(e.Code is SeverityError.ImageTruncated or SeverityError.ImageCorrupt or SeverityError.ImageFormatUnknown,
                    $"{length} of {file.Length} bytes: {e.Message}");
            }
        }
    }
}
