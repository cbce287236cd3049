using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// A 3 x 3 convolution by Winograd's F(4x4, 3x3): a quarter of the multiplications. Stride 1, one pixel of zeros around the image; pixels
/// <c>[N, H, W, channels]</c>. Its numbers differ from a plain convolution's in rounding: by some 1e-6 of the largest.
/// </summary>
sealed unsafe class WinogradKernel : IDisposable
{
    /// <summary>
    /// Tiles that one part of the work takes together: two products of six rows, with operands that stay in a core's own cache.
    /// </summary>
    const int TilesOfPart = 2 * TileProduct.MaxRows;

    // [36][outputs / 16][inputs][16]: a product reads one panel from front to back.
    readonly AlignedBuffer _weights;
    readonly WinogradArithmetic _arithmetic;

    /// <summary>Transforms the weights.</summary>
    /// <param name="weights"><c>[outputs, inputs, 3, 3]</c>.</param>
    /// <param name="outputs">Channels that are made, a multiple of 16.</param>
    /// <param name="inputs">Channels that are read, a multiple of 8.</param>
    /// <param name="arithmetic">What computes.</param>
    public WinogradKernel(ReadOnlySpan<float> weights, int outputs, int inputs, WinogradArithmetic arithmetic)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs % TileProduct.Columns, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs % 8, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, checked(outputs * inputs * 9));
        _arithmetic = arithmetic;
        Outputs = outputs;
        Inputs = inputs;
        _weights = new AlignedBuffer(checked(WinogradArithmetic.Products * inputs * outputs), zeroed: false);
        float* transformed = (float*)_weights.Address;
        fixed (float* given = weights)
        {
            for (int o = 0; o < outputs; o += TileProduct.Columns)
            {
                for (int i = 0; i < inputs; i++)
                {
                    arithmetic.Weights(given + (((nint)o * inputs) + i) * 9, (nint)inputs * 9,
                        transformed + (((nint)o * inputs) + (i * TileProduct.Columns)), (nint)inputs * outputs);
                }
            }
        }
    }

    /// <summary>Channels that are read.</summary>
    public int Inputs { get; }

    /// <summary>Channels that are made.</summary>
    public int Outputs { get; }

    /// <summary>Floats that one part of the work needs beside its input and output.</summary>
    public int ScratchLength => WinogradArithmetic.Products * ((TilesOfPart * (Inputs + Outputs)) + Inputs);

    /// <summary>How many parts the work is done in; they are independent of each other.</summary>
    public static int PartsOf(int images, int height, int width) => (TilesOf(images, height, width) + TilesOfPart - 1) / TilesOfPart;

    /// <summary>Does one part of the work.</summary>
    /// <param name="input">The images, <c>[images, height, width, inputs]</c>.</param>
    /// <param name="output">Takes the results, <c>[images, height, width, outputs]</c>.</param>
    /// <param name="images">How many images.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="part">Which part, from 0 on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, aligned to a cache line.</param>
    public void Run(float* input, float* output, int images, int height, int width, int part, float* scratch)
    {
        int tiles = TilesOf(images, height, width), parts = PartsOf(images, height, width);
        // Parts of equal size, rather than full ones and a rest.
        int first = (int)((long)tiles * part / parts), count = (int)((long)tiles * (part + 1) / parts) - first;
        float* patches = scratch, products = patches + (TilesOfPart * WinogradArithmetic.Products * Inputs);
        float* border = products + (TilesOfPart * WinogradArithmetic.Products * Outputs);
        for (int t = 0; t < count; t++)
        {
            (nint image, int y, int x) = Find(first + t, height, width);
            TransformPatch(input + (image * height * width * Inputs), height, width, y - 1, x - 1,
                patches + (t * WinogradArithmetic.Products * Inputs), border);
        }
        Multiply(patches, products, count);
        for (int t = 0; t < count; t++)
        {
            (nint image, int y, int x) = Find(first + t, height, width);
            _arithmetic.Output(products + (t * WinogradArithmetic.Products * Outputs), Outputs,
                output + ((((image * height) + y) * width) + x) * Outputs, (nint)width * Outputs,
                Math.Min(WinogradArithmetic.Tile, height - y), Math.Min(WinogradArithmetic.Tile, width - x));
        }
    }

    public void Dispose() => _weights.Dispose();

    static int Along(int length) => (length + WinogradArithmetic.Tile - 1) / WinogradArithmetic.Tile;

    static int TilesOf(int images, int height, int width) => checked(images * Along(height) * Along(width));

    /// <summary>The image that a tile lies in and the tile's first pixel there.</summary>
    static (nint Image, int Y, int X) Find(int tile, int height, int width)
    {
        int across = Along(width), ofImage = across * Along(height);
        (int image, int rest) = Math.DivRem(tile, ofImage);
        (int row, int column) = Math.DivRem(rest, across);
        return (image, row * WinogradArithmetic.Tile, column * WinogradArithmetic.Tile);
    }

    /// <summary>A patch that reaches over the image's edge is first copied into a frame of zeros.</summary>
    void TransformPatch(float* image, int height, int width, int y, int x, float* transformed, float* border)
    {
        const int Patch = WinogradArithmetic.Patch;
        if (y >= 0 && x >= 0 && y + Patch <= height && x + Patch <= width)
        {
            _arithmetic.Input(image + ((((nint)y * width) + x) * Inputs), (nint)width * Inputs, Inputs, transformed);
            return;
        }
        Span<float> frame = new(border, Patch * Patch * Inputs);
        frame.Clear();
        int left = Math.Max(0, -x), right = Math.Min(Patch, width - x);
        for (int row = Math.Max(0, -y); row < Math.Min(Patch, height - y); row++)
        {
            new ReadOnlySpan<float>(image + (((nint)(y + row) * width) + x + left) * Inputs, (right - left) * Inputs)
                .CopyTo(frame[(((row * Patch) + left) * Inputs)..]);
        }
        _arithmetic.Input(border, (nint)Patch * Inputs, Inputs, transformed);
    }

    /// <summary>
    /// For each of the 36 places, the tiles' channels times its weights: each panel of weights is read from memory once for all tiles.
    /// </summary>
    void Multiply(float* patches, float* products, int tiles)
    {
        nint aStride = (nint)WinogradArithmetic.Products * Inputs, cStride = (nint)WinogradArithmetic.Products * Outputs;
        int groups = (tiles + TileProduct.MaxRows - 1) / TileProduct.MaxRows;
        float* panel = (float*)_weights.Address;
        for (int place = 0; place < WinogradArithmetic.Products; place++)
        {
            for (int output = 0; output < Outputs; output += TileProduct.Columns)
            {
                for (int group = 0; group < groups; group++)
                {
                    int first = tiles * group / groups, rows = (tiles * (group + 1) / groups) - first;
                    _arithmetic.Multiply(rows, patches + (first * aStride) + (place * Inputs), aStride, panel, Inputs,
                        products + (first * cStride) + (place * Outputs) + output, cStride);
                }
                panel += Inputs * TileProduct.Columns;
            }
        }
    }
}
