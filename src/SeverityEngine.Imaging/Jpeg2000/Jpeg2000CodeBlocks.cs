using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>Decodes code blocks (ITU-T T.800, annex D) into the coefficients of a component's bands.</summary>
sealed unsafe class Jpeg2000CodeBlocks
{
    /// <summary>With <see cref="Jpeg2000Styles.Bypass"/>, the passes before the first one without arithmetic coding.</summary>
    const int CodedPasses = 10;

    /// <summary>Styles with which no segment is cut to a size.</summary>
    const Jpeg2000Styles Exact = Jpeg2000Styles.Terminate | Jpeg2000Styles.PredictableEnd;

    readonly DecoderMemory _memory;
    readonly Jpeg2000Block* _block;
    readonly MqDecoder* _decoder;
    readonly string _name;
    byte* _segment;
    int _capacity;

    /// <param name="memory">What owns the working memory.</param>
    /// <param name="name">The file, for messages.</param>
    public Jpeg2000CodeBlocks(DecoderMemory memory, string name)
    {
        (_memory, _name) = (memory, name);
        _block = (Jpeg2000Block*)memory.Take(sizeof(Jpeg2000Block));
        *_block = Jpeg2000Block.Create(memory);
        _decoder = (MqDecoder*)memory.Take(sizeof(MqDecoder));
    }

    /// <summary>How many passes are left of the segment in which a pass stands (D.4 to D.6).</summary>
    /// <param name="styles">How blocks are coded.</param>
    /// <param name="pass">The pass, from 0.</param>
    /// <param name="begins">Whether a segment begins with it.</param>
    public static int PassesToSegmentEnd(Jpeg2000Styles styles, int pass, out bool begins)
    {
        begins = true;
        if ((styles & Jpeg2000Styles.Terminate) != 0)
            return 1;
        if ((styles & Jpeg2000Styles.Bypass) != 0)
        {
            if (pass >= CodedPasses)
            {
                // Two passes of bits as they are, then a coded one.
                int inPlane = (pass - CodedPasses) % 3;
                begins = inPlane != 1;
                return inPlane == 0 ? 2 : 1;
            }
            begins = pass == 0;
            return CodedPasses - pass;
        }
        begins = pass == 0;
        return int.MaxValue;
    }

    /// <summary>Decodes a component's blocks.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="component">Its component.</param>
    /// <param name="data">The tile's data.</param>
    /// <param name="coefficients">Zeros, which become integers, or floats for the irreversible wavelet.</param>
    /// <exception cref="SeverityException">Data that cannot be a block's.</exception>
    public void Decode(Jpeg2000Tile tile, Jpeg2000TileComponent component, byte* data, int* coefficients)
    {
        for (int r = 0; r < component.Resolutions.Length; r++)
        {
            Jpeg2000Resolution resolution = component.Resolutions[r];
            foreach (ref Jpeg2000Precinct precinct in resolution.Precincts.AsSpan())
            {
                for (int b = 0; precinct.Bands is { } parts && b < parts.Length; b++)
                {
                    Jpeg2000Band band = resolution.Bands[b];
                    float scale = 0.5f * band.Step * (component.Coding.IsReversible ? 0 : Jpeg2000Wavelet.Scale(component, r, band.Kind));
                    for (int i = 0; i < parts[b].Blocks.Length; i++)
                    {
                        ref Jpeg2000CodeBlock block = ref parts[b].Blocks[i];
                        if (block.FirstChunk == 0)
                            continue;
                        Jpeg2000Area area = parts[b].BlockArea(i % parts[b].BlocksWide, i / parts[b].BlocksWide);
                        _block->Start(area.Width, area.Height, band.Kind, (component.Coding.Styles & Jpeg2000Styles.Causal) != 0);
                        int planes = band.Planes + component.RegionShift - block.ZeroPlanes;
                        DecodePasses(tile.Chunks, block.FirstChunk, data, component.Coding.Styles, planes);
                        if (component.RegionShift > 0)
                            LowerRegion(component.RegionShift);
                        int* target = coefficients + band.Offset + (area.Y0 - band.Area.Y0) * band.Area.Width + (area.X0 - band.Area.X0);
                        if (component.Coding.IsReversible)
                            Copy(target, band.Area.Width);
                        else
                            Copy((float*)target, band.Area.Width, scale);
                    }
                }
            }
        }
    }

    void DecodePasses(Jpeg2000ChunkList chunks, int chunk, byte* data, Jpeg2000Styles styles, int planes)
    {
        int pass = 0;
        while (chunk != 0)
        {
            int passes = 0, length = 0;
            do
            {
                ref Jpeg2000Chunk part = ref chunks[chunk];
                Append(new ReadOnlySpan<byte>(data + part.Start, part.Length), ref length);
                passes += part.Passes;
                chunk = part.Next;
            }
            while (chunk != 0 && !chunks[chunk].BeginsSegment);
            byte* start = _segment + 1, end = start + length;
            Check(new ReadOnlySpan<byte>(start, length));
            // The first plane has a cleanup pass only, as if two passes had been before.
            if ((styles & Jpeg2000Styles.Bypass) != 0 && pass >= CodedPasses && (pass + 2) % 3 != 2)
                DecodeRaw(start, end, ref pass, passes, planes, styles);
            else
                DecodeCoded(start, end, ref pass, passes, planes, styles);
        }
    }

    void DecodeCoded(byte* start, byte* end, ref int pass, int passes, int planes, Jpeg2000Styles styles)
    {
        new Span<byte>(end, MqDecoder.Padding).Fill(0xFF);
        _decoder->Start(start, end);
        for (int last = pass + passes; pass < last; pass++)
        {
            int plane = planes - 1 - (pass + 2) / 3;
            switch ((pass + 2) % 3)
            {
                case 0:
                    Jpeg2000Passes.Significance(_block, _decoder, plane);
                    break;
                case 1:
                    Jpeg2000Passes.Refinement(_block, _decoder, plane);
                    break;
                default:
                    Jpeg2000Passes.Cleanup(_block, _decoder, plane);
                    // Of a segment that was cut to a size the last symbols may be lost.
                    if ((styles & Jpeg2000Styles.SegmentationSymbols) != 0 && !Jpeg2000Passes.ReadSegmentationSymbol(_block, _decoder)
                        && (_decoder->Left >= 0 || plane == 0 || (styles & Exact) != 0))
                    {
                        throw ImageChecks.Corrupt(_name, "a code block lacks the symbols that end a bit plane");
                    }
                    break;
            }
            if ((styles & Jpeg2000Styles.Reset) != 0)
                Jpeg2000Contexts.Reset(_block->Contexts);
        }
        CheckEnd(_decoder->Left, (styles & Jpeg2000Styles.PredictableEnd) != 0);
    }

    void DecodeRaw(byte* start, byte* end, ref int pass, int passes, int planes, Jpeg2000Styles styles)
    {
        RawBits bits = new(start, end);
        for (int last = pass + passes; pass < last; pass++)
        {
            int plane = planes - 1 - (pass + 2) / 3;
            if ((pass + 2) % 3 == 0)
                Jpeg2000RawPasses.Significance(_block, ref bits, plane);
            else
                Jpeg2000RawPasses.Refinement(_block, ref bits, plane);
        }
        CheckEnd(bits.Left, (styles & Jpeg2000Styles.PredictableEnd) != 0);
    }

    /// <summary>
    /// Refuses a segment whose symbols end far from its data: damage makes others of them. Of OpenJPEG's and two vendors' encoders 8 bits
    /// were left at the most, and 23 needed beyond the end.
    /// </summary>
    /// <param name="left">How many bits were not needed; negative, how many were needed beyond the end.</param>
    /// <param name="isPredictable">Whether the encoder ends segments so that this tells.</param>
    void CheckEnd(int left, bool isPredictable)
    {
        if (left > (isPredictable ? 8 : 32) || left < (isPredictable ? -32 : -64))
        {
            string fault = left > 0 ? $"leaves {left} bits of its data over" : $"needs {-left} bits more than it has";
            throw ImageChecks.Corrupt(_name, $"a code block {fault}");
        }
    }

    /// <summary>Puts a piece of a segment behind the others; a byte before them and the padding behind have room.</summary>
    void Append(ReadOnlySpan<byte> piece, ref int length)
    {
        int needed = 1 + length + piece.Length + MqDecoder.Padding;
        if (needed > _capacity)
        {
            _capacity = (int)Math.Max(4096, Math.Min(int.MaxValue, 2L * needed));
            byte* larger = (byte*)_memory.Take(_capacity);
            new ReadOnlySpan<byte>(_segment, _segment == null ? 0 : 1 + length).CopyTo(new Span<byte>(larger, _capacity));
            _segment = larger;
        }
        piece.CopyTo(new Span<byte>(_segment + 1 + length, piece.Length));
        length += piece.Length;
    }

    /// <summary>Refuses a segment with a marker in it, which no coder makes.</summary>
    void Check(ReadOnlySpan<byte> segment)
    {
        while (true)
        {
            int at = segment.IndexOf((byte)0xFF);
            if (at < 0 || at + 1 >= segment.Length)
                return;
            if (segment[at + 1] > 0x8F)
                throw ImageChecks.Corrupt(_name, "a code block has a marker in its data");
            segment = segment[(at + 1)..];
        }
    }

    /// <summary>Brings what is raised above the rest down to its place (H.1).</summary>
    void LowerRegion(int shift)
    {
        int* samples = _block->Samples;
        for (int i = 0; i < 4 * _block->Width * _block->Stripes; i++)
        {
            int magnitude = samples[i] & int.MaxValue;
            if (magnitude >= 2L << shift)
                samples[i] = samples[i] & int.MinValue | magnitude >> shift;
        }
    }

    void Copy(int* target, int stride)
    {
        for (int y = 0; y < _block->Height; y++, target += stride)
        {
            int* column = _block->Samples + 4 * (y >> 2) * _block->Width + (y & 3);
            for (int x = 0; x < _block->Width; x++, column += 4)
            {
                int sign = *column >> 31;
                target[x] = (((*column & int.MaxValue) >> 1) ^ sign) - sign;
            }
        }
    }

    void Copy(float* target, int stride, float scale)
    {
        for (int y = 0; y < _block->Height; y++, target += stride)
        {
            int* column = _block->Samples + 4 * (y >> 2) * _block->Width + (y & 3);
            for (int x = 0; x < _block->Width; x++, column += 4)
            {
                float magnitude = (*column & int.MaxValue) * scale;
                target[x] = *column < 0 ? -magnitude : magnitude;
            }
        }
    }
}
