using System.Numerics.Tensors;

namespace SeverityEngine.Quality;

/// <summary>
/// How strong a picture's contrast is within small areas, beside its contrast as a whole. Local contrast enhancement (CLAHE) raises it, and
/// changes the scores with it. An instance owns its scratch memory and serves one caller at a time; a run allocates nothing.
/// </summary>
/// <remarks>
/// The picture is divided into 14 x 14 areas (16 x 16 pixels at 224). The ratio is the median of the areas' standard deviations over the
/// standard deviation of all pixels, so that no linear change of brightness and contrast moves it.
/// </remarks>
sealed class LocalContrast
{
    /// <summary>
    /// The ratio above which a picture is likely to have been enhanced: the 97.5th percentile of the 94 public X-rays with expert scores
    /// (their median is 0.25), rounded. tests/fixtures/quality/fit_local_contrast.py finds it, and says what it catches.
    /// </summary>
    public const double Limit = 0.34;

    /// <summary>Areas in a row, and in a column; a smaller picture has one a pixel.</summary>
    const int MaxAreas = 14;

    /// <summary>An eighth of an 8-bit level. A picture with less contrast is blank, and has nothing that was enhanced.</summary>
    const double Blank = 1;

    readonly int _side;
    readonly int[] _starts;
    readonly float[] _columns, _means, _deviations;

    /// <param name="side">Width and height of the network's input.</param>
    public LocalContrast(int side)
    {
        _side = side;
        int areas = Math.Min(MaxAreas, side);
        _starts = [.. Enumerable.Range(0, areas + 1).Select(i => i * side / areas)];
        _columns = new float[side];
        _means = new float[side];
        _deviations = new float[side];
    }

    /// <summary>The contrast of the middle area over that of the whole picture.</summary>
    /// <param name="input">The network's input of -1024 to 1024, its rows one after the other.</param>
    public double Run(ReadOnlySpan<float> input)
    {
        int areas = _starts.Length - 1, count = areas * areas;
        Span<double> spreads = stackalloc double[count], means = stackalloc double[count];
        // Rows are added up first and areas then, so that vectors are as long as the picture is wide.
        double total = 0, squares = 0;
        for (int row = 0; row < areas; row++)
        {
            int height = _starts[row + 1] - _starts[row];
            ReadOnlySpan<float> band = input.Slice(_starts[row] * _side, height * _side);
            _columns.AsSpan().Clear();
            for (int y = 0; y < height; y++)
                TensorPrimitives.Add(_columns, band.Slice(y * _side, _side), _columns);
            for (int column = 0; column < areas; column++)
            {
                Range range = _starts[column].._starts[column + 1];
                double sum = TensorPrimitives.Sum<float>(_columns.AsSpan(range));
                total += sum;
                double mean = sum / height / (_starts[column + 1] - _starts[column]);
                means[row * areas + column] = mean;
                _means.AsSpan(range).Fill((float)mean);
            }
            _columns.AsSpan().Clear();
            for (int y = 0; y < height; y++)
            {
                TensorPrimitives.Subtract(band.Slice(y * _side, _side), _means, _deviations);
                TensorPrimitives.MultiplyAdd(_deviations, _deviations, _columns, _columns);
            }
            for (int column = 0; column < areas; column++)
            {
                double sum = TensorPrimitives.Sum<float>(_columns.AsSpan(_starts[column].._starts[column + 1]));
                squares += sum;
                spreads[row * areas + column] = Math.Sqrt(sum / height / (_starts[column + 1] - _starts[column]));
            }
        }
        // All pixels' squares are those within areas and those between their means.
        double center = total / _side / _side;
        for (int i = 0; i < count; i++)
        {
            int pixels = (_starts[i / areas + 1] - _starts[i / areas]) * (_starts[i % areas + 1] - _starts[i % areas]);
            squares += pixels * (means[i] - center) * (means[i] - center);
        }
        double contrast = Math.Sqrt(squares / _side / _side);
        spreads.Sort();
        return (spreads[(count - 1) / 2] + spreads[count / 2]) / 2 / Math.Max(contrast, Blank);
    }
}
