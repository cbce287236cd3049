using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace SeverityEngine.Tests;

/// <summary>An array of NumPy's .npy format 1.0: little endian, C order.</summary>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its values.</param>
sealed partial record Npy<T>(int[] Shape, T[] Values) where T : unmanaged
{
    /// <summary>Reads a file whose type must be <typeparamref name="T"/>.</summary>
    public static Npy<T> Load(string path)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        Assert.True(file[1..].StartsWith("NUMPY\u0001\0"u8), $"{path} is not NumPy format 1.0");
        int headerLength = file[8] | file[9] << 8;
        string header = Encoding.ASCII.GetString(file.Slice(10, headerLength));
        string type = default(T) switch
        {
            float => "<f4",
            double => "<f8",
            byte => "|u1",
            bool => "|b1",
            ushort => "<u2",
            long => "<i8",
            _ => throw new NotSupportedException(typeof(T).Name),
        };
        Assert.Contains($"'descr': '{type}'", header);
        Assert.Contains("'fortran_order': False", header);
        int[] shape = [.. ShapePattern().Match(header).Groups[1].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(d => int.Parse(d, CultureInfo.InvariantCulture))];
        T[] values = MemoryMarshal.Cast<byte, T>(file[(10 + headerLength)..]).ToArray();
        Assert.Equal(shape.Aggregate(1, (product, d) => product * d), values.Length);
        return new Npy<T>(shape, values);
    }

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
