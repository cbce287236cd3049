using System.Numerics;

namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>Convolution and pooling over two axes, for <see cref="DoubleInterpreter"/>.</summary>
static class WindowEvaluation
{
    readonly record struct Axis(int Length, int Kernel, int Stride, int Dilation, int Before, int After, int Positions)
    {
        public int Place(int position, int element) => (position * Stride) - Before + (element * Dilation);
    }

    public static DoubleTensor Conv(OnnxNode node, DoubleTensor x, DoubleTensor weight, DoubleTensor? bias)
    {
        Axis[] axes = Axes(node, x, weight.Shape[2], weight.Shape[3]);
        Axis h = axes[0], w = axes[1];
        int group = (int)node.Attributes.GetInt("group", 1), outputs = weight.Shape[0], inputs = weight.Shape[1];
        DoubleTensor result = DoubleTensor.Zeros(x.Shape[0], outputs, h.Positions, w.Positions);
        Parallel.For(0, x.Shape[0] * outputs, plane =>
        {
            int sample = plane / outputs, output = plane % outputs, firstInput = output / (outputs / group) * inputs;
            Span<double> to = result.Values.AsSpan(plane * h.Positions * w.Positions, h.Positions * w.Positions);
            to.Fill(bias?.Values[output] ?? 0);
            for (int input = 0; input < inputs; input++)
            {
                ReadOnlySpan<double> from =
                    x.Values.AsSpan(((sample * x.Shape[1]) + firstInput + input) * h.Length * w.Length, h.Length * w.Length);
                for (int element = 0; element < h.Kernel * w.Kernel; element++)
                    Accumulate(from, to, h, w, element / w.Kernel, element % w.Kernel,
                        weight.Values[(((output * inputs) + input) * h.Kernel * w.Kernel) + element]);
            }
        });
        return result;
    }

    public static DoubleTensor[] MaxPool(OnnxNode node, DoubleTensor x)
    {
        DoubleTensor indices = Pool(node, x, (values, plane, places) => places.MaxBy(p => values[plane + p]) + plane);
        return [indices with { Values = [.. indices.Values.Select(i => x.Values[(int)i])] }, indices];
    }

    public static DoubleTensor AveragePool(OnnxNode node, DoubleTensor x)
    {
        Axis[] axes = Axes(node, x, 0, 0);
        bool countPads = node.Attributes.GetInt("count_include_pad", 0) != 0;
        DoubleTensor counts = Pool(node, x with { Shape = [1, 1, x.Shape[2], x.Shape[3]] }, (_, _, places) => places.Count);
        int width = axes[1].Positions;
        DoubleTensor sums = Pool(node, x, (values, plane, places) => places.Sum(p => values[plane + p]));
        for (int i = 0; i < sums.Count; i++)
        {
            int at = i % counts.Count;
            sums.Values[i] /= countPads ? Padded(axes[0], at / width) * Padded(axes[1], at % width) : counts.Values[at];
        }
        return sums;

        static int Padded(Axis axis, int position) =>
            Enumerable.Range(0, axis.Kernel).Count(e => axis.Place(position, e) < axis.Length + axis.After);
    }

    /// <param name="node">The node.</param>
    /// <param name="x">The image.</param>
    /// <param name="function">From all values, where the plane begins, and the places of the window in it.</param>
    static DoubleTensor Pool(OnnxNode node, DoubleTensor x, Func<double[], int, List<int>, double> function)
    {
        Axis[] axes = Axes(node, x, 0, 0);
        Axis h = axes[0], w = axes[1];
        DoubleTensor result = DoubleTensor.Zeros(x.Shape[0], x.Shape[1], h.Positions, w.Positions);
        for (int i = 0; i < result.Count; i++)
        {
            int plane = i / (h.Positions * w.Positions) * h.Length * w.Length;
            int row = i / w.Positions % h.Positions, column = i % w.Positions;
            List<int> places = [.. from ky in Enumerable.Range(0, h.Kernel)
                                   from kx in Enumerable.Range(0, w.Kernel)
                                   let y = h.Place(row, ky)
                                   let at = w.Place(column, kx)
                                   where y >= 0 && y < h.Length && at >= 0 && at < w.Length
                                   select (y * w.Length) + at];
            result.Values[i] = function(x.Values, plane, places);
        }
        return result;
    }

    static void Accumulate(ReadOnlySpan<double> from, Span<double> to, Axis h, Axis w, int ky, int kx, double weight)
    {
        // Positions whose place lies in the image.
        int offset = w.Place(0, kx);
        int first = offset >= 0 ? 0 : (-offset + w.Stride - 1) / w.Stride;
        int end = Math.Min(w.Positions, w.Length > offset ? ((w.Length - 1 - offset) / w.Stride) + 1 : 0);
        if (end <= first || weight == 0)
            return;
        for (int row = 0; row < h.Positions; row++)
        {
            int y = h.Place(row, ky);
            if (y < 0 || y >= h.Length)
                continue;
            Span<double> target = to.Slice((row * w.Positions) + first, end - first);
            ReadOnlySpan<double> source = from.Slice((y * w.Length) + w.Place(first, kx), ((end - first - 1) * w.Stride) + 1);
            int i = 0;
            if (w.Stride == 1)
            {
                for (; i + Vector<double>.Count <= target.Length; i += Vector<double>.Count)
                    (new Vector<double>(target[i..]) + (new Vector<double>(source[i..]) * weight)).CopyTo(target[i..]);
            }
            for (; i < target.Length; i++)
                target[i] += source[i * w.Stride] * weight;
        }
    }

    static Axis[] Axes(OnnxNode node, DoubleTensor x, int kernelH, int kernelW)
    {
        int[] kernel = [.. node.Attributes.GetInts("kernel_shape")?.Select(k => (int)k) ?? [kernelH, kernelW]];
        long[] strides = node.Attributes.GetInts("strides") ?? [1, 1], dilations = node.Attributes.GetInts("dilations") ?? [1, 1];
        long[] pads = node.Attributes.GetInts("pads") ?? [0, 0, 0, 0];
        string automatic = node.Attributes.GetText("auto_pad") ?? "NOTSET";
        return [.. Enumerable.Range(0, 2).Select(i =>
        {
            int length = x.Shape[i + 2], stride = (int)strides[i], extent = ((kernel[i] - 1) * (int)dilations[i]) + 1;
            int before = (int)pads[i], after = (int)pads[i + 2];
            if (automatic != "NOTSET")
            {
                int total = automatic == "VALID" ? 0 : Math.Max(0, ((((length + stride - 1) / stride) - 1) * stride) + extent - length);
                before = automatic == "SAME_LOWER" ? total - (total / 2) : total / 2;
                after = total - before;
            }
            double room = (double)(length + before + after - extent) / stride;
            bool ceiling = node.Attributes.GetInt("ceil_mode", 0) != 0;
            int positions = (int)(ceiling ? Math.Ceiling(room) : Math.Floor(room)) + 1;
            if (ceiling && (positions - 1) * stride >= length + before)
                positions--; // it would see padding alone
            return new Axis(length, kernel[i], stride, (int)dilations[i], before, after, positions);
        })];
    }
}
