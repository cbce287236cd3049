using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>16 samples of 8 bits or 8 of 16 in a 128-bit vector; what is left behind the last whole vector goes one by one.</summary>
sealed unsafe class JpegRowsVector128 : JpegRows
{
    /// <summary>Lanes of 16 bits: samples 0 to 7 in the lower vector, 8 to 15 in the upper.</summary>
    public override void Blend(byte* near, byte* far, ushort* sums, int count)
    {
        int i = 0;
        for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128<ushort> nearLow, Vector128<ushort> nearHigh) = Vector128.Widen(Vector128.Load(near + i));
            (Vector128<ushort> farLow, Vector128<ushort> farHigh) = Vector128.Widen(Vector128.Load(far + i));
            ((nearLow << 1) + nearLow + farLow).Store(sums + i);
            ((nearHigh << 1) + nearHigh + farHigh).Store(sums + i + Vector128<ushort>.Count);
        }
        Blend(near, far, sums, i, count);
    }

    /// <summary>
    /// Samples of 8 bits, two in each lane of 16: the even ones below, the odd ones above. All arithmetic fits signed 16 bits.
    /// </summary>
    public override void Red(byte* y, byte* cr, int count)
    {
        int i = 0;
        for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            Vector128<short> luma = Vector128.Load(y + i).AsInt16(), chroma = Vector128.Load(cr + i).AsInt16();
            Vector128<short> low = Vector128.Create((short)0xFF);
            // Even bytes and odd ones, each in 16 bits.
            Vector128<short> even = (luma & low) + Offset(chroma & low), odd = (luma >>> 8) + Offset(chroma >>> 8);
            even = Vector128.Min(Vector128.Max(even, Vector128<short>.Zero), low);
            odd = Vector128.Min(Vector128.Max(odd, Vector128<short>.Zero), low);
            (even | odd << 8).AsByte().Store(y + i);
        }
        Red(y, cr, i, count);

        // 91,881 = 65,536 + 26,345 and 26,345 = 103 * 256 - 23: the product's rounded upper half, without leaving 16 bits.
        static Vector128<short> Offset(Vector128<short> chroma)
        {
            Vector128<short> centered = chroma - Vector128.Create((short)128);
            return centered + ((centered * 103 + (centered * -23 >> 8) + Vector128.Create((short)128)) >> 8);
        }
    }

    /// <summary>
    /// A lane is a sum. Its neighbors are loaded from one place before and after; the two results are the lane's low and high byte.
    /// </summary>
    protected override void Double(ushort* sums, byte* samples, int count, int shift, int before, int after)
    {
        int i = 0;
        for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Vector128<ushort> own = Vector128.Load(sums + i);
            own += own << 1;
            Vector128<ushort> even = (own + Vector128.Load(sums + i - 1) + Vector128.Create((ushort)before)) >>> shift;
            Vector128<ushort> odd = (own + Vector128.Load(sums + i + 1) + Vector128.Create((ushort)after)) >>> shift;
            (even | odd << 8).AsByte().Store(samples + 2 * i);
        }
        Double(sums, samples, i, count, shift, before, after);
    }
}
