using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>The bits of a packet's header (ITU-T T.800, B.10.1): after a byte with all bits set, the next one has seven.</summary>
unsafe ref struct Jpeg2000PacketBits(byte* at, byte* end, string name)
{
    byte* _at = at;
    uint _byte;
    int _left;

    public uint Next()
    {
        if (_left == 0)
            Read();
        _left--;
        return _byte >> _left & 1;
    }

    /// <param name="count">How many, up to 32.</param>
    public uint Next(int count)
    {
        uint value = 0;
        for (int i = 0; i < count; i++)
            value = value << 1 | Next();
        return value;
    }

    /// <summary>The number of new coding passes (table B.4): 1 to 164.</summary>
    public int Passes()
    {
        if (Next() == 0)
            return 1;
        if (Next() == 0)
            return 2;
        uint value = Next(2);
        if (value < 3)
            return 3 + (int)value;
        value = Next(5);
        return value < 31 ? 6 + (int)value : 37 + (int)Next(7);
    }

    /// <summary>Ends the header.</summary>
    /// <returns>Where what follows begins.</returns>
    public byte* End()
    {
        if (_byte == 0xFF)
            Read(); // a byte with all bits set is followed by another one
        return _at;
    }

    void Read()
    {
        if (_at == end)
            throw ImageChecks.Truncated(name, "its code stream ends within a packet's header");
        bool isStuffed = _byte == 0xFF;
        _byte = *_at++;
        if (isStuffed && _byte > 0x7F)
            throw ImageChecks.Corrupt(name, "a packet's header has a marker in it");
        _left = isStuffed ? 7 : 8;
    }
}
