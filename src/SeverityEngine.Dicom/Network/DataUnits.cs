using System.Buffers.Binary;

namespace SeverityEngine.Dicom.Network;

/// <summary>Bytes of a message as data units (PS3.8, 9.3.5), each with one value, of the length that the peer takes.</summary>
static class DataUnits
{
    const int ValueHeadBytes = 6;

    /// <summary>The longest that is sent, whatever the peer takes.</summary>
    const int Longest = 64 << 10;

    /// <summary>What a unit leaves for bytes of the message.</summary>
    /// <param name="mostToPeer">The longest body of a unit that the peer takes; 0 where it sets no limit.</param>
    public static int Room(uint mostToPeer) =>
        // A peer that takes less than a value's head and two bytes takes nothing, and gets the least that says something.
        (int)Math.Clamp(mostToPeer == 0 ? Longest : mostToPeer, ValueHeadBytes + 2, Longest) - ValueHeadBytes;

    /// <summary>The units of some bytes.</summary>
    public static IEnumerable<byte[]> Of(byte context, byte[] bytes, bool isCommand, bool isLast, uint mostToPeer)
    {
        int room = Room(mostToPeer), at = 0;
        do
        {
            int length = Math.Min(room, bytes.Length - at);
            yield return One(context, bytes.AsSpan(at, length), isCommand, isLast && at + length == bytes.Length);
            at += length;
        }
        while (at < bytes.Length);
    }

    /// <summary>The unit of some bytes.</summary>
    public static byte[] One(byte context, ReadOnlySpan<byte> bytes, bool isCommand, bool isLast)
    {
        byte[] body = new byte[ValueHeadBytes + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(body, bytes.Length + 2);
        body[4] = context;
        body[5] = (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));
        bytes.CopyTo(body.AsSpan(ValueHeadBytes));
        return Negotiation.Unit(PduType.Data, body);
    }
}
