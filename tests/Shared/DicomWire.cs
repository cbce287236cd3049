using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SeverityEngine.Tests;

/// <summary>The protocol's bytes, put together here by PS3.7 and PS3.8, and a connection that sends them as a test likes.</summary>
sealed class DicomWire : IDisposable
{
    public const string Verification = "1.2.840.10008.1.1", Radiograph = "1.2.840.10008.5.1.4.1.1.1", Implicit = "1.2.840.10008.1.2",
        Explicit = "1.2.840.10008.1.2.1", DicomContext = "1.2.840.10008.3.1.1.1";

    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DicomWire(int port)
    {
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = 20_000;
    }

    public static byte[] Pdu(int type, params byte[] body) => [(byte)type, 0, .. Big(body.Length), .. body];

    public static byte[] Item(int type, params byte[] value) => [(byte)type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    public static byte[] Item(int type, string value) => Item(type, Encoding.ASCII.GetBytes(value));

    public static byte[] Context(int id, string abstractSyntax, params string[] transferSyntaxes) => Item(
        0x20, [(byte)id, 0, 0, 0, .. Item(0x30, abstractSyntax), .. transferSyntaxes.SelectMany(s => Item(0x40, s))]);

    public static byte[] Request(IEnumerable<byte> contexts, uint most = 16384, string calling = "TEST", string called = "SEVERITY",
        string application = DicomContext, int version = 1) => Pdu(1,
    [
        0, (byte)version, 0, 0, .. Encoding.ASCII.GetBytes(called.PadRight(16)), .. Encoding.ASCII.GetBytes(calling.PadRight(16)),
        .. new byte[32], .. Item(0x10, application), .. contexts,
        .. Item(0x50, [.. Item(0x51, Big((int)most)), .. Item(0x52, "1.2.3"), .. Item(0x55, "HAND")]),
    ]);

    /// <summary>A request for verification under 1 and radiographs under 3.</summary>
    public static byte[] UsualRequest() => Request([.. Context(1, Verification, Implicit), .. Context(3, Radiograph, Explicit)]);

    public static byte[] Element(int element, params byte[] value) =>
        [0, 0, (byte)element, (byte)(element >> 8), .. Little(value.Length), .. value];

    public static byte[] Uid(string uid) => Encoding.ASCII.GetBytes(uid.Length % 2 == 0 ? uid : uid + "\0");

    public static byte[] Number(int number) => [(byte)number, (byte)(number >> 8)];

    public static byte[] Command(params IEnumerable<byte> elements) => [.. Element(0, Little(elements.Count())), .. elements];

    public static byte[] Echo(int message = 1) => Command(
    [
        .. Element(2, Uid(Verification)), .. Element(0x100, Number(0x30)), .. Element(0x110, Number(message)),
        .. Element(0x800, Number(0x101)),
    ]);

    public static byte[] Store(string instance, int message = 1, string sopClass = Radiograph) => Command(
    [
        .. Element(2, Uid(sopClass)), .. Element(0x100, Number(1)), .. Element(0x110, Number(message)), .. Element(0x700, Number(0)),
        .. Element(0x800, Number(0)), .. Element(0x1000, Uid(instance)),
    ]);

    public static byte[] Value(int context, bool isCommand, bool isLast, params byte[] data) =>
        [.. Big(data.Length + 2), (byte)context, (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0)), .. data];

    public static byte[] Data(int context, bool isCommand, bool isLast, params byte[] data) =>
        Pdu(4, Value(context, isCommand, isLast, data));

    public static byte[] StoreMessage(string instance, byte[] dataSet, int message = 1) =>
        [.. Data(3, true, true, Store(instance, message)), .. Data(3, false, true, dataSet)];

    public static byte[] Release() => Pdu(5, 0, 0, 0, 0);

    public static byte[] Big(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    public void Send(params byte[] bytes) => _socket.Send(bytes);

    /// <summary>Says that nothing more comes.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next unit; null at the end of the connection.</summary>
    public (int Type, byte[] Body)? Receive()
    {
        byte[] head = new byte[6];
        if (!TryFill(head))
            return null;
        byte[] body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(2))];
        return TryFill(body) ? (head[0], body) : null;
    }

    /// <summary>Asks for an association, and requires that it is accepted.</summary>
    public byte[] Associate(byte[]? request = null)
    {
        Send(request ?? UsualRequest());
        (int Type, byte[] Body)? answer = Receive();
        Assert.Equal(2, answer?.Type);
        return answer!.Value.Body;
    }

    /// <summary>The command set of the next message, which fits into one unit.</summary>
    public Dictionary<int, byte[]> ReceiveCommand()
    {
        (int Type, byte[] Body)? unit = Receive();
        Assert.Equal(4, unit?.Type);
        return Elements(unit!.Value.Body.AsSpan(6));
    }

    public static Dictionary<int, byte[]> Elements(ReadOnlySpan<byte> set)
    {
        Dictionary<int, byte[]> elements = [];
        while (set.Length > 0)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(set[4..]);
            elements.Add(BinaryPrimitives.ReadUInt16LittleEndian(set[2..]), set.Slice(8, length).ToArray());
            set = set[(8 + length)..];
        }
        return elements;
    }

    public int ReceiveStatus() => BinaryPrimitives.ReadUInt16LittleEndian(ReceiveCommand()[0x900]);

    public void Dispose() => _socket.Dispose();

    bool TryFill(Span<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                int read = _socket.Receive(bytes);
                if (read == 0)
                    return false;
                bytes = bytes[read..];
            }
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }

    static byte[] Little(int number) => BitConverter.GetBytes(number);
}
