using System.Buffers.Binary;

namespace SeverityEngine.Tests;

/// <summary>Small gray pictures of noise, each different, as 24-bit BMP files: colors would be worth a warning.</summary>
static class TestImages
{
    const int HeaderBytes = 54;

    public static byte[] Bmp(int seed, int side = 32)
    {
        byte[] file = new byte[HeaderBytes + 3 * side * side];
        new Random(seed).NextBytes(file.AsSpan(HeaderBytes));
        // Rows of whole pixels: the side is a multiple of four.
        for (int i = HeaderBytes; i < file.Length; i += 3)
            file.AsSpan(i, 3).Fill(file[i]);
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        void Write(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
        Write(2, file.Length);
        Write(10, HeaderBytes);
        Write(14, 40); // the length of the rest of the header
        Write(18, side);
        Write(22, side);
        Write(26, 1 | 24 << 16); // planes, bits a pixel
        Write(34, 3 * side * side);
        return file;
    }

    /// <summary>Writes image1.bmp, image2.bmp, ...</summary>
    public static void Fill(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        for (int i = 1; i <= count; i++)
            File.WriteAllBytes(Path.Combine(folder, $"image{i}.bmp"), Bmp(i));
    }
}
