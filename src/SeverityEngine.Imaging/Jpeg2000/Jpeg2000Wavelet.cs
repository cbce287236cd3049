using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// The inverse wavelet transforms (ITU-T T.800, annex F): 5/3 in integers and 9/7 in floats. Each level is one pass from the top down: a
/// row is put together from its low and high half when the vertical steps come to it, and is finished a few rows later.
/// </summary>
sealed unsafe class Jpeg2000Wavelet(Jpeg2000Rows rows, DecoderMemory memory)
{
    /// <summary>
    /// 9/7's factor of low coefficients (table F.4); high ones have its inverse. OpenJPEG rounds twice that to 1.625732, which is 1.625786:
    /// its samples of 16 bits differ by up to three levels.
    /// </summary>
    const float LowScale = 1.230174104914001f;

    /// <summary>The steps of 9/7, inverted (table F.4): of low coefficients first, then in turns.</summary>
    static ReadOnlySpan<float> Factors => [-0.443506852043971f, -0.882911075530934f, 0.052980118572961f, 1.586134342059924f];

    /// <summary>A finished row of the component.</summary>
    /// <param name="y">Its number in the tile.</param>
    /// <param name="row">Its values; floats where the wavelet is 9/7.</param>
    public delegate void RowAction(int y, int* row);

    /// <summary>
    /// By what coefficients of 9/7 must be multiplied beforehand. The transform's own factors are constants for each band, so that they
    /// cost nothing there. A side of one sample is not transformed; a high one is halved.
    /// </summary>
    public static float Scale(Jpeg2000TileComponent component, int resolution, Jpeg2000BandKind band)
    {
        float scale = 1;
        for (int r = Math.Max(1, resolution); r < component.Resolutions.Length; r++)
        {
            Jpeg2000Area area = component.Resolutions[r].Area;
            scale *= Of(area.Width, r == resolution && band is Jpeg2000BandKind.Hl or Jpeg2000BandKind.Hh);
            scale *= Of(area.Height, r == resolution && band is Jpeg2000BandKind.Lh or Jpeg2000BandKind.Hh);
        }
        return scale;

        static float Of(int length, bool isHigh) => length == 1 ? isHigh ? 0.5f : 1 : isHigh ? 1 / LowScale : LowScale;
    }

    /// <summary>Transforms a component.</summary>
    /// <param name="component">Its layout.</param>
    /// <param name="coefficients">Its bands, one after the other.</param>
    /// <param name="finished">What is done with each row of the result, from the first to the last.</param>
    public void Transform(Jpeg2000TileComponent component, int* coefficients, RowAction finished)
    {
        bool isReversible = component.Coding.IsReversible;
        int levels = component.Coding.Levels;
        int* low = coefficients;
        if (levels == 0)
        {
            Jpeg2000Area area = component.Resolutions[0].Area;
            for (int y = 0; y < area.Height; y++)
                finished(y, low + (long)y * area.Width);
            return;
        }
        int* even = null, odd = null;
        for (int r = 1; r <= levels; r++)
        {
            Jpeg2000Area area = component.Resolutions[r].Area;
            if (area.IsEmpty)
                continue;
            Level level = new(rows, component, r, low, coefficients, memory);
            if (r == levels)
            {
                level.Run(isReversible, finished);
                continue;
            }
            // Levels write to two buffers in turns: the last but one to the larger.
            bool isLarger = (levels - 1 - r) % 2 == 0;
            ref int* buffer = ref isLarger ? ref even : ref odd;
            if (buffer == null)
            {
                Jpeg2000Area largest = component.Resolutions[isLarger ? levels - 1 : levels - 2].Area;
                buffer = (int*)memory.Take((long)largest.Width * largest.Height * sizeof(int));
            }
            level.Run(isReversible, buffer);
            low = buffer;
        }
    }

    /// <summary>One level: from a resolution's low part and its three bands to the resolution.</summary>
    sealed class Level
    {
        readonly Jpeg2000Rows _rows;
        readonly Jpeg2000Area _area;
        readonly int* _low, _hl, _lh, _hh;
        readonly int _lowWidth, _highWidth;

        // A row's halves, with room for a value on both sides.
        readonly int* _left, _right;
        readonly DecoderMemory _memory;

        public Level(Jpeg2000Rows rows, Jpeg2000TileComponent component, int resolution, int* low, int* coefficients, DecoderMemory memory)
        {
            Jpeg2000Resolution to = component.Resolutions[resolution];
            Jpeg2000Area from = component.Resolutions[resolution - 1].Area;
            (_rows, _area, _memory) = (rows, to.Area, memory);
            _low = low;
            _hl = coefficients + to.Bands[0].Offset;
            _lh = coefficients + to.Bands[1].Offset;
            _hh = coefficients + to.Bands[2].Offset;
            (_lowWidth, _highWidth) = (from.Width, to.Bands[0].Area.Width);
            _left = (int*)memory.Take((_lowWidth + _highWidth + 4L) * sizeof(int)) + 1;
            _right = _left + _lowWidth + 2;
        }

        /// <summary>Writes the rows one below the other.</summary>
        public void Run(bool isReversible, int* result) => Run(isReversible, result, _area.Height, null);

        /// <summary>Hands each row on when it is finished.</summary>
        public void Run(bool isReversible, RowAction finished)
        {
            int kept = Steps(isReversible) + 2;
            Run(isReversible, (int*)_memory.Take((long)kept * _area.Width * sizeof(int)), kept, finished);
        }

        static int Steps(bool isReversible) => isReversible ? 2 : Factors.Length;

        /// <param name="isReversible">5/3.</param>
        /// <param name="buffer">The rows.</param>
        /// <param name="kept">How many rows it has; then the first comes again.</param>
        /// <param name="finished">What is done with rows.</param>
        void Run(bool isReversible, int* buffer, int kept, RowAction? finished)
        {
            int height = _area.Height, steps = height == 1 ? 0 : Steps(isReversible), parity = (int)(_area.Y0 & 1);
            for (int y = 0; y < height + steps; y++)
            {
                if (y < height)
                    Join(y, parity, Row(y), isReversible);
                // A step of low rows needs the high ones around them, as the step before left them; and the reverse.
                for (int step = 0; step < steps; step++)
                {
                    int target = y - 1 - step;
                    if (target < 0 || target >= height || ((target + parity) & 1) != (step & 1))
                        continue;
                    int before = target > 0 ? target - 1 : target + 1, after = target + 1 < height ? target + 1 : target - 1;
                    Lift(isReversible, step, Row(target), Row(before), Row(after), _area.Width);
                }
                if (finished is not null && y >= steps)
                    finished(y - steps, Row(y - steps));
            }

            int* Row(int y) => buffer + (long)(y % kept) * _area.Width;
        }

        /// <summary>The horizontal transform: a row from its low and high half.</summary>
        void Join(int y, int parity, int* row, bool isReversible)
        {
            bool isHigh = ((y + parity) & 1) != 0;
            int* left = (isHigh ? _lh : _low) + (long)(y >> 1) * _lowWidth, right = (isHigh ? _hh : _hl) + (long)(y >> 1) * _highWidth;
            int shift = (int)(_area.X0 & 1);
            if (_area.Width == 1)
            {
                // A high coefficient alone is twice the sample; in 9/7 it has been halved.
                row[0] = shift == 0 ? left[0] : isReversible ? right[0] / 2 : right[0];
            }
            else
            {
                new ReadOnlySpan<int>(left, _lowWidth).CopyTo(new Span<int>(_left, _lowWidth));
                new ReadOnlySpan<int>(right, _highWidth).CopyTo(new Span<int>(_right, _highWidth));
                for (int step = 0; step < Steps(isReversible); step++)
                {
                    if ((step & 1) == 0)
                    {
                        Extend(_right, _highWidth);
                        Lift(isReversible, step, _left, _right + shift - 1, _right + shift, _lowWidth);
                    }
                    else
                    {
                        Extend(_left, _lowWidth);
                        Lift(isReversible, step, _right, _left - shift, _left - shift + 1, _highWidth);
                    }
                }
                if (shift == 0)
                    _rows.Interleave(_left, _right, row, _area.Width);
                else
                    _rows.Interleave(_right, _left, row, _area.Width);
            }
            if (_area.Height == 1 && isHigh && isReversible)
            {
                for (int x = 0; x < _area.Width; x++)
                    row[x] /= 2;
            }
        }

        void Lift(bool isReversible, int step, int* values, int* before, int* after, int count)
        {
            if (!isReversible)
                _rows.Lift((float*)values, (float*)before, (float*)after, Factors[step], count);
            else if (step == 0)
                _rows.LiftLow(values, before, after, count);
            else
                _rows.LiftHigh(values, before, after, count);
        }

        /// <summary>Beyond its ends a signal goes on as in a mirror (F.3.7): in one of its halves, with what stands at the end.</summary>
        static void Extend(int* values, int count)
        {
            values[-1] = values[0];
            values[count] = values[count - 1];
        }
    }
}
