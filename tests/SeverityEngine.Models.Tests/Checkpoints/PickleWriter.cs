using System.Buffers.Binary;
using System.Text;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>Writes pickles instruction by instruction, sound and unsound ones.</summary>
sealed class PickleWriter
{
    readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public PickleWriter Op(int opcode)
    {
        _bytes.Add((byte)opcode);
        return this;
    }

    public PickleWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Raw(string text) => Raw(Encoding.UTF8.GetBytes(text));

    public PickleWriter Repeat(int count, params ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < count; i++)
            Raw(bytes);
        return this;
    }

    public PickleWriter Int(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Op('J').Raw(bytes);
    }

    public PickleWriter Long(long value) => Op(0x8a).Op(8).Raw(BitConverter.GetBytes(value));

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Op('X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    public PickleWriter Bytes(byte[] bytes) => Op('B').Raw(BitConverter.GetBytes(bytes.Length)).Raw(bytes);

    public PickleWriter Global(string module, string name) => Op('c').Raw($"{module}\n{name}\n");
}
