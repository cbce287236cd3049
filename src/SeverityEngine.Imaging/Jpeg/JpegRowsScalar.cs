namespace SeverityEngine.Imaging.Jpeg;

/// <summary>A sample at a time.</summary>
sealed unsafe class JpegRowsScalar : JpegRows
{
    public override void Blend(byte* near, byte* far, ushort* sums, int count) => Blend(near, far, sums, 0, count);

    public override void Red(byte* y, byte* cr, int count) => Red(y, cr, 0, count);

    protected override void Double(ushort* sums, byte* samples, int count, int shift, int before, int after) =>
        Double(sums, samples, 0, count, shift, before, after);
}
