namespace SeverityEngine.Imaging.Jpeg;

/// <summary>The transform a column and a row at a time; a column of one coefficient is flat.</summary>
sealed unsafe class JpegIdctScalar : JpegIdct
{
    public override bool Exceeds(short* block, short* limits)
    {
        bool exceeds = false;
        for (int i = 0; i < 64; i++)
            exceeds |= block[i] > limits[i] || block[i] < -limits[i];
        return exceeds;
    }

    public override void Transform(short* block, ushort* quantization, byte* samples, nint stride)
    {
        int* values = stackalloc int[64];
        for (int i = 0; i < 64; i++)
            values[i] = (short)(block[i] * quantization[i]);
        for (int x = 0; x < 8; x++)
        {
            int* column = values + x;
            if ((column[8] | column[16] | column[24] | column[32] | column[40] | column[48] | column[56]) == 0)
            {
                int flat = Math.Clamp(column[0] << KeptBits, short.MinValue, short.MaxValue);
                for (int i = 0; i < 64; i += 8)
                    column[i] = flat;
                continue;
            }
            Pass(column, 8, ColumnShift);
            for (int i = 0; i < 64; i += 8)
                column[i] = Math.Clamp(column[i], short.MinValue, short.MaxValue);
        }
        for (int y = 0; y < 8; y++, samples += stride)
        {
            int* row = values + 8 * y;
            Pass(row, 1, RowShift);
            for (int i = 0; i < 8; i++)
                samples[i] = (byte)(Math.Clamp(row[i], sbyte.MinValue, sbyte.MaxValue) + 128);
        }
    }

    static void Pass(int* v, int step, int shift)
    {
        int z2 = v[2 * step], z3 = v[6 * step];
        int z1 = (z2 + z3) * F0541196100;
        int t2 = z1 - z3 * F1847759065, t3 = z1 + z2 * F0765366865;
        int t0 = (v[0] + v[4 * step]) << FractionBits, t1 = (v[0] - v[4 * step]) << FractionBits;
        int round = 1 << (shift - 1);
        int t10 = t0 + t3 + round, t13 = t0 - t3 + round, t11 = t1 + t2 + round, t12 = t1 - t2 + round;

        t0 = v[7 * step];
        t1 = v[5 * step];
        t2 = v[3 * step];
        t3 = v[step];
        z1 = t0 + t3;
        z2 = t1 + t2;
        z3 = t0 + t2;
        int z4 = t1 + t3, z5 = (z3 + z4) * F1175875602;
        z1 *= -F0899976223;
        z2 *= -F2562915447;
        z3 = z5 - z3 * F1961570560;
        z4 = z5 - z4 * F0390180644;
        t0 = t0 * F0298631336 + z1 + z3;
        t1 = t1 * F2053119869 + z2 + z4;
        t2 = t2 * F3072711026 + z2 + z3;
        t3 = t3 * F1501321110 + z1 + z4;

        v[0] = (t10 + t3) >> shift;
        v[7 * step] = (t10 - t3) >> shift;
        v[step] = (t11 + t2) >> shift;
        v[6 * step] = (t11 - t2) >> shift;
        v[2 * step] = (t12 + t1) >> shift;
        v[5 * step] = (t12 - t1) >> shift;
        v[3 * step] = (t13 + t0) >> shift;
        v[4 * step] = (t13 - t0) >> shift;
    }
}
