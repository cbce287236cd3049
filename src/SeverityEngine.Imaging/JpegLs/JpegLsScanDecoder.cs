using System.Numerics;
using System.Runtime.CompilerServices;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.JpegLs;

/// <summary>Decodes a scan of a JPEG-LS image, row by row (ITU-T T.87, annexes A and B).</summary>
sealed unsafe class JpegLsScanDecoder : IDisposable
{
    /// <summary>Interleaving: the components' rows, or their samples, follow one another.</summary>
    public const int ByLines = 1, BySamples = 2;

    const int MostComponents = 3, Contexts = 365, RunContexts = 2, LongestRun = 31;

    readonly CodecFrame _frame;
    readonly JpegLsParameters _parameters;
    readonly string _name;
    readonly int[] _components;
    readonly bool _bySamples;
    readonly int _width, _height, _errorBits, _limit, _range, _near;
    readonly DecoderMemory _memory = new();
    readonly JpegLsContext* _contexts;
    readonly JpegLsRunContext* _runContexts;

    // The kinds of the differences from -MaxValue to MaxValue, of which the middle is pointed to.
    readonly sbyte* _kinds;

    // For each component the row and the one above it. A sample more stands on both sides: c of the first, and d of the last.
    readonly ushort** _rows;
    readonly ushort** _above;
    bool _isSound = true;

    public JpegLsScanDecoder(LosslessScan scan, JpegLsParameters parameters, CodecFrame frame, string name)
    {
        _frame = frame;
        _parameters = parameters;
        _name = name;
        _components = scan.Components;
        _bySamples = scan.Components.Length > 1 && scan.Second == BySamples;
        (_width, _height) = (frame.Header.Width, frame.Header.Height);
        (_errorBits, _limit, _range, _near) = (parameters.ErrorBits, parameters.Limit, parameters.Range, parameters.Near);
        _contexts = (JpegLsContext*)_memory.Take(Contexts * sizeof(JpegLsContext));
        new Span<JpegLsContext>(_contexts, Contexts).Fill(new JpegLsContext(parameters.FirstSum));
        _runContexts = (JpegLsRunContext*)_memory.Take(RunContexts * sizeof(JpegLsRunContext));
        new Span<JpegLsRunContext>(_runContexts, RunContexts).Fill(new JpegLsRunContext(parameters.FirstSum));
        _kinds = (sbyte*)_memory.Take(2 * parameters.MaxValue + 1) + parameters.MaxValue;
        FillKinds();
        _rows = (ushort**)_memory.Take(MostComponents * sizeof(ushort*));
        _above = (ushort**)_memory.Take(MostComponents * sizeof(ushort*));
        for (int i = 0; i < _components.Length; i++)
        {
            _rows[i] = (ushort*)_memory.Take((_width + 2) * sizeof(ushort)) + 1;
            _above[i] = (ushort*)_memory.Take((_width + 2) * sizeof(ushort)) + 1;
        }
    }

    /// <summary>For each length of a run's parts, the power of 2 that it is (ITU-T T.87, A.2.1).</summary>
    static ReadOnlySpan<byte> RunPowers =>
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    public void Dispose() => _memory.Dispose();

    /// <summary>Decodes the scan.</summary>
    /// <param name="at">The first byte of its coded data.</param>
    /// <param name="end">The end of the file.</param>
    /// <returns>Where the next marker stands.</returns>
    /// <exception cref="SeverityException">Data that end early or are damaged.</exception>
    public byte* Decode(byte* at, byte* end)
    {
        JpegLsBits bits = new(at, end);
        if (_near == 0 && BitOperations.IsPow2(_parameters.MaxValue + 1))
            DecodeRows<ExactMode>(ref bits);
        else
            DecodeRows<NearMode>(ref bits);
        if (bits.HasLeftOver())
            throw ImageChecks.Corrupt(_name, "coded data are left over after the last of its samples");
        return bits.At;
    }

    void FillKinds()
    {
        Span<int> from = [_near + 1, _parameters.Threshold1, _parameters.Threshold2, _parameters.Threshold3];
        for (int i = 0; i < from.Length; i++)
        {
            int end = i + 1 < from.Length ? from[i + 1] : _parameters.MaxValue + 1, count = end - from[i];
            if (count <= 0)
                continue;
            new Span<sbyte>(_kinds + from[i], count).Fill((sbyte)(i + 1));
            new Span<sbyte>(_kinds - end + 1, count).Fill((sbyte)(-i - 1));
        }
    }

    void DecodeRows<TMode>(ref JpegLsBits bits)
        where TMode : struct, IMode
    {
        int* runs = stackalloc int[MostComponents];
        new Span<int>(runs, MostComponents).Clear();
        for (int y = 0; y < _height; y++)
        {
            for (int i = 0; i < _components.Length; i++)
            {
                ushort* row = _above[i], above = _rows[i];
                row[-1] = above[0];
                above[_width] = above[_width - 1];
                _rows[i] = row;
                _above[i] = above;
            }
            if (_bySamples)
            {
                MixedRow<TMode>(ref bits, ref runs[0]);
            }
            else
            {
                for (int i = 0; i < _components.Length; i++)
                    SingleRow<TMode>(ref bits, i, ref runs[i]);
            }
            if (!_isSound || bits.Overrun)
                throw Fault(bits, y);
            for (int i = 0; i < _components.Length; i++)
                new ReadOnlySpan<ushort>(_rows[i], _width).CopyTo(_frame.Plane(_components[i])[(y * _width)..]);
        }
    }

    void SingleRow<TMode>(ref JpegLsBits bits, int component, ref int run)
        where TMode : struct, IMode
    {
        JpegLsBits state = bits;
        ulong buffer = bits.Buffer;
        int count = bits.Count;
        byte* at = bits.At;
        ushort* row = _rows[component], above = _above[component];
        sbyte* kinds = _kinds;
        int width = _width, x = 0;
        // a is left of the sample, b above it, c left of b and d right of it.
        int a = row[-1], b = above[0], c = above[-1], kindBc = kinds[b - c];
        while (x < width)
        {
            int d = above[x + 1], kindDb = kinds[d - b];
            int context = 81 * kindDb + 9 * kindBc + kinds[c - a];
            if (context != 0)
            {
                a = Sample<TMode>(ref state, ref buffer, ref count, ref at, context, a, b, c);
                row[x++] = (ushort)a;
                c = b;
                b = d;
                kindBc = kindDb;
                continue;
            }
            state.Buffer = buffer;
            state.Count = count;
            state.At = at;
            x = Run(ref state, component, 1, x, ref run);
            buffer = state.Buffer;
            count = state.Count;
            at = state.At;
            a = row[x - 1];
            b = above[x];
            c = above[x - 1];
            kindBc = kinds[b - c];
        }
        state.Buffer = buffer;
        state.Count = count;
        state.At = at;
        bits = state;
    }

    /// <summary>The samples of a pixel follow one another; a run is of pixels.</summary>
    void MixedRow<TMode>(ref JpegLsBits bits, ref int run)
        where TMode : struct, IMode
    {
        int* contexts = stackalloc int[MostComponents];
        int x = 0;
        while (x < _width)
        {
            int all = 0;
            for (int i = 0; i < _components.Length; i++)
            {
                ushort* above = _above[i] + x;
                contexts[i] = 81 * _kinds[above[1] - above[0]] + 9 * _kinds[above[0] - above[-1]] + _kinds[above[-1] - _rows[i][x - 1]];
                all |= contexts[i];
            }
            if (all == 0)
            {
                x = Run(ref bits, 0, _components.Length, x, ref run);
                continue;
            }
            for (int i = 0; i < _components.Length; i++)
            {
                ushort* row = _rows[i] + x, above = _above[i] + x;
                row[0] = (ushort)Sample<TMode>(
                    ref bits, ref bits.Buffer, ref bits.Count, ref bits.At, contexts[i], row[-1], above[0], above[-1]);
            }
            x++;
        }
    }

    /// <summary>The next sample outside runs (A.4 to A.6).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Sample<TMode>(
        ref JpegLsBits bits, ref ulong buffer, ref int count, ref byte* at, int kind, int a, int b, int c)
        where TMode : struct, IMode
    {
        int sign = kind >> 31, max = _parameters.MaxValue, escape = _limit - _errorBits - 1;
        JpegLsContext* context = _contexts + ((kind ^ sign) - sign);
        // The median of three.
        int prediction = JpegLsContext.Max(JpegLsContext.Min(a, b), JpegLsContext.Min(JpegLsContext.Max(a, b), a + b - c));
        prediction += (context->Correction ^ sign) - sign;
        prediction = JpegLsContext.Positive(JpegLsContext.Min(max, prediction));

        if (count < JpegLsBits.Least)
            JpegLsBits.Refill(ref bits, ref buffer, ref count, ref at);
        int zeros = BitOperations.LeadingZeroCount(buffer), low = context->LowBits, total = zeros + 1 + low, code;
        if (zeros < escape && total <= count)
        {
            ulong rest = buffer << zeros << 1;
            code = zeros << low | (int)(rest >> 1 >> (63 - low));
            buffer = rest << low;
            count -= total;
        }
        else
        {
            bits.Buffer = buffer;
            bits.Count = count;
            bits.At = at;
            code = bits.ReadGolomb(low, escape, _errorBits);
            buffer = bits.Buffer;
            count = bits.Count;
            at = bits.At;
        }
        if ((uint)code > (uint)_range)
        {
            _isSound = false;
            code = 0;
        }
        int error = (code >> 1) ^ -(code & 1) ^ context->Turned;
        context->Count(error, TMode.IsExact ? 1 : 2 * _near + 1, _parameters.Reset);
        error = (error ^ sign) - sign;
        return TMode.IsExact ? (prediction + error) & max : Near(prediction, error);
    }

    int Near(int prediction, int error)
    {
        int step = 2 * _near + 1, sample = prediction + error * step, max = _parameters.MaxValue;
        if (sample < -_near)
            sample += _range * step;
        else if (sample > max + _near)
            sample -= _range * step;
        return Math.Clamp(sample, 0, max);
    }

    /// <summary>A run of samples that are like the one on their left, and the one that ends it (A.7).</summary>
    /// <param name="bits">The coded data.</param>
    /// <param name="first">The first component in it.</param>
    /// <param name="count">How many components there are in it.</param>
    /// <param name="x">Where it begins.</param>
    /// <param name="run">How long its parts are, a place in <see cref="RunPowers"/>.</param>
    /// <returns>Where it goes on.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    int Run(ref JpegLsBits bits, int first, int count, int x, ref int run)
    {
        int left = _width - x, length = 0;
        while (length < left && bits.Read(1) == 1)
        {
            int part = 1 << RunPowers[run];
            if (part > left - length)
            {
                length = left;
                break;
            }
            length += part;
            run = Math.Min(LongestRun, run + 1);
        }
        bool isEnded = length < left;
        if (isEnded)
        {
            length += bits.Read(RunPowers[run]);
            if (length >= left)
            {
                _isSound = false;
                (length, isEnded) = (left, false);
            }
        }
        for (int i = first; i < first + count; i++)
            new Span<ushort>(_rows[i] + x, length).Fill(_rows[i][x - 1]);
        x += length;
        if (!isEnded)
            return x;
        for (int i = first; i < first + count; i++)
            _rows[i][x] = (ushort)RunEnd(ref bits, _rows[i][x - 1], _above[i][x], count == 1, RunPowers[run]);
        run = Math.Max(0, run - 1);
        return x + 1;
    }

    /// <summary>The sample that ends a run (A.7.2).</summary>
    int RunEnd(ref JpegLsBits bits, int a, int b, bool isSingle, int power)
    {
        int type = isSingle && Math.Abs(a - b) <= _near ? 1 : 0;
        JpegLsRunContext* context = _runContexts + type;
        int low = JpegLsContext.LowBitsOf(context->Number, context->Sum + (type == 1 ? context->Number >> 1 : 0));
        int code = bits.ReadGolomb(low, _limit - power - 1 - _errorBits - 1, _errorBits);
        if ((uint)code > (uint)_range)
        {
            _isSound = false;
            code = 0;
        }
        int error = context->Count(code, type, low, _parameters.Reset);
        if (type == 1)
            return Near(a, error);
        return Near(b, a > b ? -error : error);
    }

    SeverityException Fault(in JpegLsBits bits, int row)
    {
        if (!bits.Overrun)
            return ImageChecks.Corrupt(_name, $"its coded data are not sound in row {row} of {_height}");
        int marker = bits.Marker;
        return marker is -1 or Jpeg.JpegSegments.EndOfImage
            ? ImageChecks.Truncated(_name, $"its JPEG-LS data end before the picture does, in row {row} of {_height}")
            : ImageChecks.Corrupt(_name, $"the marker {marker:X2} stands within its coded data, in row {row} of {_height}");
    }

    /// <summary>How errors become samples; a type, so that each has a loop of its own.</summary>
    interface IMode
    {
        /// <summary>Whether nothing is lost and the values are a power of 2, so that samples wrap by a mask.</summary>
        static abstract bool IsExact { get; }
    }

    readonly struct ExactMode : IMode
    {
        public static bool IsExact => true;
    }

    readonly struct NearMode : IMode
    {
        public static bool IsExact => false;
    }
}
