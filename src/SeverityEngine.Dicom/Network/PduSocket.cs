using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace SeverityEngine.Dicom.Network;

/// <summary>Protocol data units (PS3.8, 9.3), by the byte that they begin with.</summary>
enum PduType : byte
{
    AssociateRequest = 1,
    AssociateAccept = 2,
    AssociateReject = 3,
    Data = 4,
    ReleaseRequest = 5,
    ReleaseReply = 6,
    Abort = 7,
}

/// <summary>
/// A connection as protocol data units. Its memory is one buffer, whatever lengths the peer claims, and every wait has an end. Used by one
/// thread; only <see cref="Wake"/> and <see cref="Close"/> may be called by others.
/// </summary>
sealed class PduSocket : IDisposable
{
    public const int HeaderBytes = 6;

    const int BufferBytes = 64 << 10;

    /// <summary>How long what was sent last is given to arrive: closed with bytes unread, TCP takes it back.</summary>
    static readonly TimeSpan s_lingering = TimeSpan.FromSeconds(1);

    readonly Socket _socket;
    readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    readonly byte[] _header = new byte[HeaderBytes];
    long _deadline;
    int _start, _filled, _disposed;

    public PduSocket(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
    }

    /// <summary>Ends all reading so much later.</summary>
    public void LimitTo(TimeSpan time) => _deadline = Environment.TickCount64 + (long)time.TotalMilliseconds;

    /// <summary>Reads what stands before a unit's body.</summary>
    /// <param name="type">Its type, which may be none that there is.</param>
    /// <param name="length">How long its body claims to be.</param>
    /// <param name="begun">Told once the first byte is there; null for nobody.</param>
    /// <param name="rest">How long the header may take from its first byte on.</param>
    /// <returns>False where the peer has closed the connection before it.</returns>
    public bool TryReadHeader(out PduType type, out uint length, TimeSpan rest, Action? begun = null)
    {
        (type, length) = (default, 0);
        if (_start == _filled && !Fill())
            return false;
        begun?.Invoke();
        LimitTo(rest);
        ReadExactly(_header);
        type = (PduType)_header[0];
        length = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(2));
        return true;
    }

    /// <summary>Reads a body whole.</summary>
    /// <param name="length">How long it claims to be.</param>
    /// <param name="most">How long it may be.</param>
    public byte[] ReadBody(uint length, int most)
    {
        if (length > most)
            throw new PeerFault($"a unit of {length} bytes, where {most} are the most", AbortReason.InvalidParameter);
        // Memory grows with what has arrived.
        using MemoryStream body = new();
        while (body.Length < length)
            body.Write(Read((int)(length - body.Length)));
        return body.ToArray();
    }

    /// <summary>Gives some of the next bytes, valid until the next call.</summary>
    /// <param name="most">How many at most; above 0.</param>
    public ReadOnlySpan<byte> Read(int most)
    {
        if (_start == _filled && !Fill())
            throw new PeerFault("the connection was closed in the middle of a unit") { IsGone = true };
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, Math.Min(most, _filled - _start));
        _start += bytes.Length;
        return bytes;
    }

    public void ReadExactly(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ReadOnlySpan<byte> read = Read(bytes.Length);
            read.CopyTo(bytes);
            bytes = bytes[read.Length..];
        }
    }

    /// <summary>Sends bytes, all of them within a time.</summary>
    public void Send(ReadOnlySpan<byte> bytes, TimeSpan time)
    {
        long deadline = Environment.TickCount64 + (long)time.TotalMilliseconds;
        try
        {
            while (bytes.Length > 0)
            {
                _socket.SendTimeout = Left(deadline);
                bytes = bytes[_socket.Send(bytes)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Gone(e);
        }
    }

    /// <summary>Ends the connection after the last unit, without taking that back.</summary>
    public void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            LimitTo(s_lingering);
            while (Fill())
                _start = _filled;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or PeerFault)
        {
            // It is over in any case.
        }
    }

    /// <summary>Has a thread that waits for the next unit find the connection closed.</summary>
    public void Wake()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }

    /// <summary>Has a thread that uses the connection find it lost.</summary>
    public void Close() => _socket.Dispose();

    /// <summary>Closes it, and gives its buffer to the next; to be called by the thread that uses it.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }

    /// <returns>False where the peer has closed the connection.</returns>
    bool Fill()
    {
        try
        {
            _socket.ReceiveTimeout = Left(_deadline);
            _start = 0;
            _filled = _socket.Receive(_buffer);
            return _filled > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _filled = 0;
            throw Gone(e);
        }
    }

    /// <summary>The time that is left, for a socket, to which 0 is for ever.</summary>
    static int Left(long deadline)
    {
        long left = deadline - Environment.TickCount64;
        return left > 0 ? (int)Math.Min(left, int.MaxValue) : throw new PeerFault("the time for it is over");
    }

    static PeerFault Gone(Exception e) => e is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock }
        ? new PeerFault("the time for it is over") : new PeerFault("the connection was lost") { IsGone = true };
}
