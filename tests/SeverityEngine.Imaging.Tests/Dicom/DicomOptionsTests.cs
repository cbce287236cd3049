using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Tests.Lossless;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>Frames, modalities and UIDs.</summary>
public class DicomOptionsTests
{
    const string Explicit = "1.2.840.10008.1.2.1", BigEndian = "1.2.840.10008.1.2.2", JpegLossless = "1.2.840.10008.1.2.4.70";

    static XRayImage Frame(byte[] file, int frame) => XRayImage.Decode(file, "x.dcm", dicom: new DicomOptions { Frame = frame });

    static SeverityException Refuse(byte[] file, int frame) => Assert.Throws<SeverityException>(() => Frame(file, frame).Dispose());

    static ushort[] Words(XRayImage image) => MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray();

    static byte[] Encapsulated(int frames, params byte[][] fragments)
    {
        DicomWriter items = new DicomWriter().Bytes(0xFFFE_E000, "", []);
        foreach (byte[] fragment in fragments)
            items.Bytes(0xFFFE_E000, "", fragment);
        items.Bytes(0xFFFE_E0DD, "", []);
        return new DicomWriter().Picture(33, 28, 16).Text(0x0028_0008, "IS", $"{frames}")
            .Bytes(0x7FE0_0010, "OB", items.DataSet(), 0xFFFFFFFF).File(JpegLossless);
    }

    [Theory]
    [InlineData(Explicit)]
    [InlineData(BigEndian)]
    public void A_frame_of_several_is_read_where_it_is_named(string syntax)
    {
        ushort[] pixels = [.. Enumerable.Range(0, 3 * 6).Select(i => (ushort)(i * 200))];
        byte[] file = new DicomWriter(isBigEndian: syntax == BigEndian).Picture(3, 2).Text(0x0028_0008, "IS", "3").Pixels(pixels)
            .File(syntax);
        for (int frame = 1; frame <= 3; frame++)
        {
            using XRayImage image = Frame(file, frame);
            Assert.Equal(pixels[(6 * (frame - 1))..(6 * frame)], Words(image));
            Assert.DoesNotContain(image.Warnings, w => w.Contains("more pixel data", StringComparison.Ordinal));
        }
        Assert.Contains("--frame 1", Refuse(file, 0).Message, StringComparison.Ordinal);
        Assert.Contains("has fewer frames (0028,0008) than 4", Refuse(file, 4).Message, StringComparison.Ordinal);
        Assert.Equal(SeverityError.ImageFormatUnsupported, Refuse(file, 4).Code);
        Assert.Equal(SeverityError.ImageTruncated, Refuse(file[..^1], 3).Code);
        using XRayImage second = Frame(file[..^1], 2);
        Assert.Equal(pixels[6..12], Words(second));
    }

    [Fact]
    public void Frames_of_bytes_in_big_endian_words_begin_in_the_middle_of_a_word()
    {
        // Three frames of three bytes, in words whose second byte is the first pixel.
        byte[] stored = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8];
        byte[] file = new DicomWriter(isBigEndian: true).Text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1").Text(0x0008_0060, "CS", "DX")
            .Short(0x0028_0002, 1).Text(0x0028_0004, "CS", "MONOCHROME2").Text(0x0028_0008, "IS", "3").Short(0x0028_0010, 1)
            .Short(0x0028_0011, 3).Short(0x0028_0100, 8).Short(0x0028_0101, 8).Short(0x0028_0102, 7).Short(0x0028_0103, 0)
            .Bytes(0x7FE0_0010, "OW", stored).File(BigEndian);
        using XRayImage image = Frame(file, 2);
        Assert.Equal([3, 4, 5], image.Pixels.Data.ToArray());
    }

    [Fact]
    public void One_frame_may_be_asked_for_by_its_number_and_no_other()
    {
        byte[] file = new DicomWriter().Picture(2, 1).Pixels([1, 2]).File(Explicit);
        using XRayImage image = Frame(file, 1);
        Assert.Equal([1, 2], Words(image));
        Assert.Contains("has one frame, and frame 2 is asked for", Refuse(file, 2).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compressed_frames_are_told_by_their_fragments()
    {
        byte[] one = LosslessSamples.Read("selection-1-16.jpg");
        using CodecFrame expected = LosslessSamples.Decode("selection-1-16.jpg", one);
        ushort[] pixels = expected.Plane(0).ToArray();
        // A picture that is no picture in the other frames' place: only the frame that is named is decoded.
        byte[] bad = [0xFF, 0xD8, 0xFF, 0xD9];
        byte[] whole = Encapsulated(3, bad, one, bad), parted = Encapsulated(2, bad, one[..100], one[100..], []);
        using XRayImage fromWhole = Frame(whole, 2), fromParts = Frame(parted, 2);
        Assert.Equal(pixels, Words(fromWhole));
        Assert.Equal(pixels, Words(fromParts));
        Assert.Equal(3, Refuse(whole, 1).Code.ExitCode());
        Assert.Contains("2 fragments of pixel data are not those of its number of frames", Refuse(Encapsulated(5, bad, one), 2).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Other_modalities_are_read_where_they_are_asked_for_with_a_warning()
    {
        byte[] file = new DicomWriter().Text(0x0008_0060, "CS", "CT").Short(0x0028_0002, 1).Text(0x0028_0004, "CS", "MONOCHROME2")
            .Short(0x0028_0010, 1).Short(0x0028_0011, 2).Short(0x0028_0100, 16).Short(0x0028_0101, 12).Short(0x0028_0102, 11)
            .Pixels([0, 4095]).File(Explicit);
        Assert.Contains("--any-modality", Refuse(file, 0).Message, StringComparison.Ordinal);
        using XRayImage image = XRayImage.Decode(file, "x.dcm", dicom: new DicomOptions { AnyModality = true });
        Assert.Contains(image.Warnings, w => w.Contains("modality", StringComparison.Ordinal));
    }

    [Fact]
    public void Uids_are_given_where_they_are_asked_for_and_are_uids()
    {
        byte[] file = new DicomWriter().Picture(2, 1).Text(0x0008_0018, "UI", "1.2.3.1\0").Text(0x0020_000D, "UI", "1.2.3.2\0")
            .Text(0x0020_000E, "UI", "Doe^Jane").Pixels([1, 2]).File(Explicit);
        using XRayImage silent = XRayImage.Decode(file);
        Assert.Null(silent.Uids);
        using XRayImage image = XRayImage.Decode(file, dicom: new DicomOptions { Uids = true });
        Assert.Equal(new DicomUids("1.2.3.2", null, "1.2.3.1"), image.Uids);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => new DicomOptions { Frame = -1 }).Code);
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => new DicomOptions { Voi = (DicomVoi)3 }).Code);
    }
}
