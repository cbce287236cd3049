using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>32 samples of 8 bits or 16 of 16 in a 256-bit vector; what is left behind the last whole vector goes one by one.</summary>
sealed unsafe class JpegRowsAvx2 : JpegRows
{
    /// <summary>Lanes of 16 bits: samples 0 to 15 in the lower vector, 16 to 31 in the upper.</summary>
    public override void Blend(byte* near, byte* far, ushort* sums, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256<ushort> nearLow, Vector256<ushort> nearHigh) = Vector256.Widen(Vector256.Load(near + i));
            (Vector256<ushort> farLow, Vector256<ushort> farHigh) = Vector256.Widen(Vector256.Load(far + i));
            ((nearLow << 1) + nearLow + farLow).Store(sums + i);
            ((nearHigh << 1) + nearHigh + farHigh).Store(sums + i + Vector256<ushort>.Count);
        }
        Blend(near, far, sums, i, count);
    }

    /// <summary>
    /// Samples of 8 bits, two in each lane of 16: the even ones below, the odd ones above. All arithmetic fits signed 16 bits.
    /// </summary>
    public override void Red(byte* y, byte* cr, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            Vector256<short> luma = Vector256.Load(y + i).AsInt16(), chroma = Vector256.Load(cr + i).AsInt16();
            Vector256<short> low = Vector256.Create((short)0xFF);
            // Even bytes and odd ones, each in 16 bits.
            Vector256<short> even = (luma & low) + Offset(chroma & low), odd = (luma >>> 8) + Offset(chroma >>> 8);
            even = Vector256.Min(Vector256.Max(even, Vector256<short>.Zero), low);
            odd = Vector256.Min(Vector256.Max(odd, Vector256<short>.Zero), low);
            (even | odd << 8).AsByte().Store(y + i);
        }
        Red(y, cr, i, count);

        // 91,881 = 65,536 + 26,345 and 26,345 = 103 * 256 - 23: the product's rounded upper half, without leaving 16 bits.
        static Vector256<short> Offset(Vector256<short> chroma)
        {
            Vector256<short> centered = chroma - Vector256.Create((short)128);
            return centered + ((centered * 103 + (centered * -23 >> 8) + Vector256.Create((short)128)) >> 8);
        }
    }

    /// <summary>
    /// A lane is a sum. Its neighbors are loaded from one place before and after; the two results are the lane's low and high byte.
    /// </summary>
    protected override void Double(ushort* sums, byte* samples, int count, int shift, int before, int after)
    {
        int i = 0;
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<ushort> own = Vector256.Load(sums + i);
            own += own << 1;
            Vector256<ushort> even = (own + Vector256.Load(sums + i - 1) + Vector256.Create((ushort)before)) >>> shift;
            Vector256<ushort> odd = (own + Vector256.Load(sums + i + 1) + Vector256.Create((ushort)after)) >>> shift;
            (even | odd << 8).AsByte().Store(samples + 2 * i);
        }
        Double(sums, samples, i, count, shift, before, after);
    }
}
