using System.Runtime.CompilerServices;

namespace SeverityEngine.Kernels;

/// <summary>
/// F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2015, arXiv 1509.09308): a tile of 4 x 4 results of a 3 x 3
/// convolution from a patch of 6 x 6, by 36 products in place of 144. This computes what comes after the weights' transform.
/// </summary>
static class WinogradArithmetic
{
    /// <summary>Width and height of a tile of results.</summary>
    public const int Tile = 4;

    /// <summary>Width and height of the patch that a tile is made from.</summary>
    public const int Patch = Tile + 2;

    /// <summary>Products of a tile for one pair of channels.</summary>
    public const int Products = Patch * Patch;

    /// <summary>
    /// Floats from one place of a part's patches to the next. Rows of a power of two would all fall into few sets of a core's first cache,
    /// and stores to them would evict each other: five cache lines more spread them.
    /// </summary>
    public static int StrideOf(int tiles, int channels) => (tiles * channels) + (5 * 16);

    /// <summary>Floats that a part needs to work in.</summary>
    public static int ScratchLength(int tiles, int inputs, int outputs) =>
        (Products * (StrideOf(tiles, inputs) + StrideOf(tiles, outputs))) + inputs;

    /// <summary>Tiles of an image in one direction.</summary>
    public static int Along(int length) => (length + Tile - 1) / Tile;
}

/// <summary>
/// The arithmetic with a channel in each lane of a vector; a patch is 36 vectors for each vector of its channels. Channels are whole
/// vectors, so there is no remainder.
/// </summary>
static unsafe class WinogradArithmetic<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    const int Tile = WinogradArithmetic.Tile, Patch = WinogradArithmetic.Patch, Products = WinogradArithmetic.Products;

    /// <summary>Computes one part of a convolution.</summary>
    public static void Run(in WinogradPart part)
    {
        int inputs = part.Inputs, outputs = part.Outputs, tiles = part.Tiles;
        int inputStride = WinogradArithmetic.StrideOf(tiles, inputs), outputStride = WinogradArithmetic.StrideOf(tiles, outputs);
        float* patches = part.Scratch, products = patches + (Products * inputStride), zeros = products + (Products * outputStride);
        new Span<float>(zeros, inputs).Clear();
        float** pixels = stackalloc float*[Products];
        for (int t = 0; t < tiles; t++)
        {
            (nint image, int y, int x) = Find(part.First + t, part.Height, part.Width);
            FindPixels(part, part.Input + (image * part.Height * part.Width * inputs), y - 1, x - 1, zeros, pixels);
            TransformPatch(pixels, inputs, patches + (t * inputs), inputStride);
        }
        // For each of the 36 places, the tiles' channels times its weights.
        for (int place = 0; place < Products; place++)
        {
            TileProduct<TVector, TLanes>.MultiplyAll(new ProductPart
            {
                A = patches + (place * (nint)inputStride),
                AStride = inputs,
                Runs = new Runs(inputs),
                Panels = part.Weights + (place * (nint)inputs * outputs),
                C = products + (place * (nint)outputStride),
                CStride = outputs,
                Rows = tiles,
                Columns = outputs,
            });
        }
        for (int t = 0; t < tiles; t++)
        {
            (nint image, int y, int x) = Find(part.First + t, part.Height, part.Width);
            TransformBack(products + (t * outputs), outputStride, outputs,
                part.Output + ((((image * part.Height) + y) * part.Width) + x) * part.OutputStride, part.Width, part.OutputStride,
                Math.Min(Tile, part.Height - y), Math.Min(Tile, part.Width - x));
        }
    }

    /// <summary>The image that a tile lies in and the tile's first pixel there.</summary>
    static (nint Image, int Y, int X) Find(int tile, int height, int width)
    {
        int across = WinogradArithmetic.Along(width), ofImage = across * WinogradArithmetic.Along(height);
        (int image, int rest) = Math.DivRem(tile, ofImage);
        (int row, int column) = Math.DivRem(rest, across);
        return (image, row * Tile, column * Tile);
    }

    /// <summary>A patch's pixels by rows; those outside of the image are zeros.</summary>
    static void FindPixels(in WinogradPart part, float* image, int y, int x, float* zeros, float** pixels)
    {
        for (int i = 0; i < Patch; i++)
        {
            float* row = image + ((((nint)(y + i) * part.Width) + x) * part.Inputs);
            bool isInside = (uint)(y + i) < (uint)part.Height;
            for (int j = 0; j < Patch; j++)
                pixels[(i * Patch) + j] = isInside && (uint)(x + j) < (uint)part.Width ? row + (j * part.Inputs) : zeros;
        }
    }

    /// <summary>Transforms a patch, all channels of it.</summary>
    /// <param name="pixels">Its 36 pixels, by rows.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="transformed">Takes 36 vectors of the channels.</param>
    /// <param name="stride">Floats from one of them to the next.</param>
    [SkipLocalsInit]
    static void TransformPatch(float** pixels, int channels, float* transformed, nint stride)
    {
        int halfRow = Patch * TLanes.Count;
        // The patch with its columns transformed: row i of six vectors, one for each column j.
        float* half = stackalloc float[Products * TLanes.Count];
        for (int c = 0; c < channels; c += TLanes.Count)
        {
            for (int j = 0; j < Patch; j++)
            {
                float** column = pixels + j;
                SixFromSix(
                    TLanes.Load(column[0] + c), TLanes.Load(column[Patch] + c), TLanes.Load(column[2 * Patch] + c),
                    TLanes.Load(column[3 * Patch] + c), TLanes.Load(column[4 * Patch] + c), TLanes.Load(column[5 * Patch] + c),
                    half + (j * TLanes.Count), halfRow);
            }
            float* to = transformed + c;
            for (int i = 0; i < Patch; i++)
            {
                float* row = half + (i * halfRow);
                SixFromSix(
                    TLanes.Load(row), TLanes.Load(row + TLanes.Count), TLanes.Load(row + (2 * TLanes.Count)),
                    TLanes.Load(row + (3 * TLanes.Count)), TLanes.Load(row + (4 * TLanes.Count)), TLanes.Load(row + (5 * TLanes.Count)),
                    to, stride);
                to += Patch * stride;
            }
        }
    }

    /// <summary>Transforms the products of a tile back, all channels of it.</summary>
    /// <param name="products">36 vectors of the channels.</param>
    /// <param name="stride">Floats from one of them to the next.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="tile">Takes the tile's pixels.</param>
    /// <param name="imageWidth">Pixels of a row.</param>
    /// <param name="pixelStride">Floats from one pixel to the next.</param>
    /// <param name="height">Rows of the tile that lie in the image, 1 to 4.</param>
    /// <param name="width">Its columns that do.</param>
    [SkipLocalsInit]
    static void TransformBack(
        float* products, nint stride, int channels, float* tile, nint imageWidth, nint pixelStride, int height, int width)
    {
        int halfRow = Patch * TLanes.Count;
        // The products with their columns transformed: four rows of six vectors.
        float* half = stackalloc float[Tile * Patch * TLanes.Count];
        for (int c = 0; c < channels; c += TLanes.Count)
        {
            float* from = products + c;
            for (int j = 0; j < Patch; j++)
            {
                FourFromSix(from, Patch * stride, half + (j * TLanes.Count), halfRow, Tile);
                from += stride;
            }
            for (int i = 0; i < height; i++)
                FourFromSix(half + (i * halfRow), TLanes.Count, tile + (i * imageWidth * pixelStride) + c, pixelStride, width);
        }
    }

    /// <summary>
    /// Multiplies six pixels of a column or row by the transpose of B, whose rows are (4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0),
    /// (0, 4, -4, -1, 1, 0), (0, -2, -1, 2, 1, 0), (0, 2, -1, -2, 1, 0) and (0, 4, 0, -5, 0, 1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void SixFromSix(TVector a0, TVector a1, TVector a2, TVector a3, TVector a4, TVector a5, float* to, nint stride)
    {
        TVector two = TLanes.Create(2), four = TLanes.Create(4), five = TLanes.Create(5);
        TVector even = TLanes.SubtractProduct(four, a2, a4), odd = TLanes.SubtractProduct(four, a1, a3);
        TVector outer = TLanes.Subtract(a4, a2), inner = TLanes.Subtract(a3, a1);
        TLanes.Store(TLanes.MultiplyAdd(four, a0, TLanes.SubtractProduct(five, a2, a4)), to);
        TLanes.Store(TLanes.Add(even, odd), to + stride);
        TLanes.Store(TLanes.Subtract(even, odd), to + (2 * stride));
        TLanes.Store(TLanes.MultiplyAdd(two, inner, outer), to + (3 * stride));
        TLanes.Store(TLanes.SubtractProduct(two, inner, outer), to + (4 * stride));
        TLanes.Store(TLanes.MultiplyAdd(four, a1, TLanes.SubtractProduct(five, a3, a5)), to + (5 * stride));
    }

    /// <summary>
    /// Multiplies six products of a column or row by the transpose of A, whose rows are (1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0),
    /// (0, 1, 1, 4, 4, 0) and (0, 1, -1, 8, -8, 1), and stores the first <paramref name="count"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void FourFromSix(float* from, nint fromStride, float* to, nint stride, int count)
    {
        TVector a0 = TLanes.Load(from), a1 = TLanes.Load(from + fromStride), a2 = TLanes.Load(from + (2 * fromStride));
        TVector a3 = TLanes.Load(from + (3 * fromStride)), a4 = TLanes.Load(from + (4 * fromStride));
        TVector a5 = TLanes.Load(from + (5 * fromStride));
        TVector near = TLanes.Add(a1, a2), nearOdd = TLanes.Subtract(a1, a2);
        TVector far = TLanes.Add(a3, a4), farOdd = TLanes.Subtract(a3, a4);
        TLanes.Store(TLanes.Add(TLanes.Add(a0, near), far), to);
        if (count > 1)
            TLanes.Store(TLanes.MultiplyAdd(TLanes.Create(2), farOdd, nearOdd), to + stride);
        if (count > 2)
            TLanes.Store(TLanes.MultiplyAdd(TLanes.Create(4), far, near), to + (2 * stride));
        if (count > 3)
            TLanes.Store(TLanes.Add(TLanes.MultiplyAdd(TLanes.Create(8), farOdd, nearOdd), a5), to + (3 * stride));
    }
}
