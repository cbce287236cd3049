namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>
/// One axis of a transposed window: which elements of the gradient each place of the image reads, and with which element of the kernel.
/// </summary>
/// <remarks>
/// Place u is read by window o at kernel element k where <c>u + before = stride o + dilation k</c>. The places are taken by their phase
/// <c>u mod stride</c>: within a phase they read the gradient as a convolution without a stride does, each phase with its own part of the kernel.
/// So a strided convolution's gradient is a convolution with a channel for each phase, whose pixels are then interleaved: no product with an
/// inserted zero, and no scattered sums.
/// </remarks>
sealed class WindowTranspose
{
    public WindowTranspose(WindowAxis axis)
    {
        Axis = axis;
        List<(long Phase, long Element, long Offset)> pairs = [];
        for (long phase = 0; phase < axis.Stride; phase++)
        {
            for (long element = 0; element < axis.Kernel; element++)
            {
                long distance = phase + axis.Before - (element * axis.Dilation);
                if (distance % axis.Stride == 0)
                    pairs.Add((phase, element, distance / axis.Stride));
            }
        }
        long first = pairs.Min(p => p.Offset), last = pairs.Max(p => p.Offset);
        Spacing = axis.Stride == 1 ? axis.Dilation : 1;
        Taps = ((last - first) / Spacing) + 1;
        // A kernel of 1 leaves all phases but one empty; they are made as zeros, not convolved.
        bool isOnePhase = pairs.All(p => p.Phase == pairs[0].Phase);
        FirstPhase = isOnePhase ? pairs[0].Phase : 0;
        Phases = isOnePhase ? 1 : axis.Stride;
        Elements = new long[Phases, Taps];
        foreach (ref long element in System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref Elements[0, 0], Elements.Length))
            element = -1;
        foreach ((long phase, long element, long offset) in pairs)
            Elements[phase - FirstPhase, (offset - first) / Spacing] = element;
        Length = (axis.Length + axis.Stride - 1) / axis.Stride;
        PadBefore = -first;
        PadAfter = Length - 1 + first + (Spacing * (Taps - 1)) - (axis.Positions - 1);
    }

    public WindowAxis Axis { get; }

    /// <summary>Phases that are convolved.</summary>
    public long Phases { get; }

    /// <summary>The first of them.</summary>
    public long FirstPhase { get; }

    /// <summary>Elements that a place reads.</summary>
    public long Taps { get; }

    /// <summary>From one such element to the next.</summary>
    public long Spacing { get; }

    /// <summary>The kernel's element for a phase and a tap; -1 for none.</summary>
    public long[,] Elements { get; }

    /// <summary>The length of each phase.</summary>
    public long Length { get; }

    /// <summary>Zeros before the gradient; below 0 it is cut.</summary>
    public long PadBefore { get; }

    /// <summary>Zeros after the gradient; below 0 it is cut.</summary>
    public long PadAfter { get; }
}
