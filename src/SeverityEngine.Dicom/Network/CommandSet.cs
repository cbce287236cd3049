using System.Buffers.Binary;
using System.Text;

namespace SeverityEngine.Dicom.Network;

/// <summary>What a message asks for (PS3.7, annex E).</summary>
static class CommandField
{
    public const int Store = 0x0001, Echo = 0x0030, Cancel = 0x0FFF, Response = 0x8000;
}

/// <summary>What an answer says (PS3.7, annex C; PS3.4, B.2.3).</summary>
static class DimseStatus
{
    public const int Success = 0, InvalidInstance = 0x0117, ClassNotSupported = 0x0122, UnknownOperation = 0x0211,
        OutOfResources = 0xA700, NotUnderstood = 0xC000;

    /// <summary>Whether it says that the object was stored, be it with a warning.</summary>
    public static bool IsStored(int status) => status == Success || status >> 12 == 0xB;
}

/// <summary>A message's command set: implicit VR little endian, group 0000 (PS3.7, 6.3.1).</summary>
sealed record CommandSet
{
    const int SopClassAt = 0x0002, FieldAt = 0x0100, MessageAt = 0x0110, AnsweredAt = 0x0120, PriorityAt = 0x0700, DataSetAt = 0x0800,
        StatusAt = 0x0900, CommentAt = 0x0902, SopInstanceAt = 0x1000;

    /// <summary>What (0000,0800) is where no data set follows; any other value is for one.</summary>
    const int NoDataSet = 0x0101;

    const int MostComment = 64;

    /// <summary>What it asks for, or answers.</summary>
    public int Field { get; init; }

    /// <summary>Its number, which the answer repeats.</summary>
    public int Message { get; init; }

    /// <summary>Whether a data set follows.</summary>
    public bool HasDataSet { get; init; }

    public string SopClass { get; init; } = "";

    public string SopInstance { get; init; } = "";

    /// <summary>Of an answer.</summary>
    public int Status { get; init; }

    /// <summary>Of an answer: why it is no success; empty for nothing.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Reads one.</summary>
    /// <exception cref="PeerFault">An element that ends behind the set; no command, or no number.</exception>
    public static CommandSet Read(ReadOnlySpan<byte> bytes)
    {
        CommandSet command = new() { Field = -1, Message = -1, HasDataSet = true };
        while (bytes.Length > 0)
        {
            if (bytes.Length < 8 || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != 0
                || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) > bytes.Length - 8)
                throw new PeerFault("a command set that is none", AbortReason.InvalidParameter);
            int element = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            ReadOnlySpan<byte> value = bytes.Slice(8, (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
            bytes = bytes[(8 + value.Length)..];
            int number = value.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : -1;
            command = element switch
            {
                FieldAt => command with { Field = number },
                MessageAt => command with { Message = number },
                AnsweredAt when command.Message < 0 => command with { Message = number },
                DataSetAt => command with { HasDataSet = number != NoDataSet },
                StatusAt => command with { Status = number },
                SopClassAt => command with { SopClass = Text(value) },
                SopInstanceAt => command with { SopInstance = Text(value) },
                _ => command,
            };
        }
        return command is { Field: >= 0, Message: >= 0 }
            ? command : throw new PeerFault("a command set without a command or a number", AbortReason.InvalidParameter);
    }

    /// <summary>The answer to this one.</summary>
    public CommandSet Answer(int status, string comment = "") => this with
    {
        Field = Field | CommandField.Response,
        HasDataSet = false,
        Status = status,
        Comment = comment,
    };

    /// <summary>The bytes.</summary>
    public byte[] Encode()
    {
        bool isAnswer = (Field & CommandField.Response) != 0;
        using MemoryStream set = new();
        if (SopClass.Length > 0)
            Put(set, SopClassAt, Padded(SopClass, 0));
        PutNumber(set, FieldAt, Field);
        PutNumber(set, isAnswer ? AnsweredAt : MessageAt, Message);
        if (!isAnswer && Field == CommandField.Store)
            PutNumber(set, PriorityAt, 0);
        PutNumber(set, DataSetAt, HasDataSet ? 0 : NoDataSet);
        if (isAnswer)
            PutNumber(set, StatusAt, Status);
        if (isAnswer && Comment.Length > 0)
            Put(set, CommentAt, Padded(Comment[..Math.Min(Comment.Length, MostComment)], (byte)' '));
        if (SopInstance.Length > 0)
            Put(set, SopInstanceAt, Padded(SopInstance, 0));
        using MemoryStream whole = new();
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, (int)set.Length);
        Put(whole, 0, length);
        set.WriteTo(whole);
        return whole.ToArray();
    }

    static string Text(ReadOnlySpan<byte> value) => Encoding.Latin1.GetString(value[..Math.Min(value.Length, 128)]).Trim(' ', '\0');

    static byte[] Padded(string text, byte with)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        return bytes.Length % 2 == 0 ? bytes : [.. bytes, with];
    }

    static void PutNumber(MemoryStream set, int element, int value) => Put(set, element, [(byte)value, (byte)(value >> 8)]);

    static void Put(MemoryStream set, int element, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)element);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], value.Length);
        set.Write(head);
        set.Write(value);
    }
}
