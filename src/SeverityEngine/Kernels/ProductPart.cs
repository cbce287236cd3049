namespace SeverityEngine.Kernels;

/// <summary>A product of matrices <c>c = a b</c>. Plain memory, as it goes from one library to another.</summary>
unsafe struct ProductPart
{
    /// <summary>The first row.</summary>
    public float* A;

    /// <summary>How a row of a lies in memory.</summary>
    public Runs Runs;

    /// <summary>Floats from one row of a to the next.</summary>
    public nint AStride;

    /// <summary>b, <c>[columns / two vectors][a's columns][two vectors]</c>: a product reads a panel from front to back.</summary>
    public float* Panels;

    /// <summary>Takes the first row of results, <see cref="Columns"/> floats.</summary>
    public float* C;

    /// <summary>Floats from one row of c to the next.</summary>
    public nint CStride;

    /// <summary>Rows of a and c.</summary>
    public int Rows;

    /// <summary>Columns of b and c, those of whole panels.</summary>
    public int Columns;
}

/// <summary>A matrix's row in memory: runs of numbers with gaps between them.</summary>
/// <param name="Length">Numbers of a run.</param>
/// <param name="Count">How many runs.</param>
/// <param name="Gap">Floats between the end of one and the start of the next.</param>
readonly record struct Runs(int Length, int Count = 1, int Gap = 0);
