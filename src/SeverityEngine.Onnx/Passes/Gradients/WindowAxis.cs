namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>One spatial axis of a convolution or pooling.</summary>
/// <param name="Length">The length of the image.</param>
/// <param name="Positions">The places of the window: the length of the result.</param>
/// <param name="Kernel">Elements of the window.</param>
/// <param name="Stride">From one place of the window to the next.</param>
/// <param name="Dilation">From one element of the window to the next.</param>
/// <param name="Before">Zeros put before the image.</param>
/// <param name="After">Zeros put after the image.</param>
readonly record struct WindowAxis(long Length, long Positions, long Kernel, long Stride, long Dilation, long Before, long After)
{
    /// <summary>From the window's first element to its last, both counted.</summary>
    public long Extent => ((Kernel - 1) * Dilation) + 1;

    /// <summary>The two spatial axes of a node.</summary>
    public static WindowAxis[] Of(GradientNode node, ReadOnlySpan<long> kernel)
    {
        OnnxShape input = node.InputShape(0), output = node.OutputShape;
        if (input.Rank != 4)
            node.Fail($"works on {input}, where two spatial axes are supported");
        long[] strides = node.Attributes.GetInts("strides") ?? [1, 1], dilations = node.Attributes.GetInts("dilations") ?? [1, 1];
        long[] pads = node.Attributes.GetInts("pads") ?? [0, 0, 0, 0];
        string automatic = node.Attributes.GetText("auto_pad") ?? "NOTSET";
        WindowAxis[] axes = new WindowAxis[2];
        for (int i = 0; i < axes.Length; i++)
        {
            long length = node.Length(input, i + 2), positions = node.Length(output, i + 2);
            WindowAxis axis = new(length, positions, kernel[i], strides[i], dilations[i], pads[i], pads[i + 2]);
            long needed = Math.Max(0, ((positions - 1) * axis.Stride) + axis.Extent - length);
            axes[i] = automatic switch
            {
                "SAME_UPPER" => axis with { Before = needed / 2, After = needed - (needed / 2) },
                "SAME_LOWER" => axis with { Before = needed - (needed / 2), After = needed / 2 },
                "VALID" => axis with { Before = 0, After = 0 },
                _ => axis,
            };
        }
        return axes;
    }
}

/// <summary>
/// One axis of a transposed window: which elements of the gradient each place of the image reads, and with which element of the kernel.
/// </summary>
/// <remarks>
/// Place u is read by window o at kernel element k where <c>u + before = stride o + dilation k</c>. The places are taken by their phase
/// <c>u mod stride</c>: within a phase they read the gradient as a convolution without a stride does, each phase with its own part of the
/// kernel. So a strided convolution's gradient is a convolution with a channel for each phase, whose pixels are then interleaved: no
/// product with an inserted zero, and no scattered sums.
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
