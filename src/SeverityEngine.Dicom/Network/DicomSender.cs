using System.Net.Sockets;
using SeverityEngine.Dicom.Writing;

namespace SeverityEngine.Dicom.Network;

/// <summary>Where objects are sent: an application entity.</summary>
/// <param name="Host">Its machine's name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Title">Its AE title.</param>
readonly record struct DicomPeer(string Host, int Port, string Title)
{
    public override string ToString() => $"{Title} at {Host}:{Port}";
}

/// <summary>An object that is to be sent: one of this program's results, which are written as explicit VR little endian.</summary>
/// <param name="SopClass">Its SOP class.</param>
/// <param name="SopInstance">Its UID.</param>
/// <param name="DataSet">The data set, without preamble and meta header.</param>
readonly record struct SentInstance(string SopClass, string SopInstance, ReadOnlyMemory<byte> DataSet);

/// <summary>Sends results to an archive (C-STORE, as a service class user), one association for several.</summary>
sealed class DicomSender : IDisposable
{
    const int MostNegotiation = 64 << 10, MostAnswer = 64 << 10;

    // Results are of these two classes.
    static readonly ResultKind[] s_kinds = [ResultKind.Report, ResultKind.Capture];

    readonly PduSocket _peer;
    readonly TimeSpan _time;
    readonly List<PresentationContext> _contexts;
    readonly uint _mostToPeer;
    int _messages;

    DicomSender(PduSocket peer, TimeSpan time, List<PresentationContext> contexts, uint mostToPeer)
    {
        _peer = peer;
        _time = time;
        _contexts = contexts;
        _mostToPeer = mostToPeer;
    }

    /// <summary>Opens an association.</summary>
    /// <param name="to">The archive.</param>
    /// <param name="title">The AE title of this program.</param>
    /// <param name="time">How long each step may take.</param>
    /// <param name="stop">Ends the waiting for a connection.</param>
    /// <exception cref="PeerFault">It is not there, rejects the association, or answers with something else.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static DicomSender Open(DicomPeer to, string title, TimeSpan time, CancellationToken stop)
    {
        PduSocket peer = Connect(to, time, stop);
        try
        {
            Negotiation request = new() { CalledTitle = to.Title, CallingTitle = title, MaximumLength = DicomListenerOptions.OfferedPdu };
            for (int i = 0; i < s_kinds.Length; i++)
            {
                request.Contexts.Add(
                    new PresentationContext((byte)(2 * i + 1), s_kinds[i].SopClass, NetworkUids.ExplicitLittleEndian));
            }
            peer.Send(request.EncodeRequest(), time);
            peer.LimitTo(time);
            if (!peer.TryReadHeader(out PduType type, out uint length, time))
                throw new PeerFault("closed the connection instead of an answer") { IsGone = true };
            byte[] body = peer.ReadBody(length, MostNegotiation);
            if (type == PduType.AssociateReject && body.Length == 4)
                throw new PeerFault($"rejected the association: {Reason(body[2], body[3])}");
            if (type != PduType.AssociateAccept)
                throw new PeerFault($"answered a unit of type {(int)type} to a request for an association");
            Negotiation answer = Negotiation.ReadAnswer(body);
            List<PresentationContext> accepted =
                [.. request.Contexts.Where(c => answer.Contexts.Exists(a => a.Id == c.Id && a.TransferSyntax == c.TransferSyntax))];
            return new DicomSender(peer, time, accepted, answer.MaximumLength);
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    /// <summary>Sends an object.</summary>
    /// <returns>Null where it is stored; else why it is not, and the association goes on.</returns>
    /// <exception cref="PeerFault">The association is over.</exception>
    public string? Send(SentInstance instance)
    {
        if (_contexts.Find(c => c.AbstractSyntax == instance.SopClass) is not { Id: > 0 and var context })
            return "does not take objects of its SOP class in explicit VR little endian";
        CommandSet command = new()
        {
            Field = CommandField.Store,
            Message = ++_messages & 0xFFFF,
            HasDataSet = true,
            SopClass = instance.SopClass,
            SopInstance = instance.SopInstance,
        };
        foreach (byte[] unit in DataUnits.Of(context, command.Encode(), isCommand: true, isLast: true, _mostToPeer))
            _peer.Send(unit, _time);
        int room = DataUnits.Room(_mostToPeer) & ~1;
        for (int at = 0; at < instance.DataSet.Length; at += room)
        {
            ReadOnlySpan<byte> part = instance.DataSet.Span.Slice(at, Math.Min(room, instance.DataSet.Length - at));
            _peer.Send(DataUnits.One(context, part, isCommand: false, isLast: at + part.Length == instance.DataSet.Length), _time);
        }
        CommandSet answer = ReadAnswer();
        if (answer.Field != (CommandField.Store | CommandField.Response) || answer.Message != command.Message)
            throw new PeerFault("answered something else than what it was asked");
        return DimseStatus.IsStored(answer.Status) ? null : $"refused it with status {answer.Status:X4}";
    }

    /// <summary>Ends the association in order.</summary>
    public void Release()
    {
        try
        {
            _peer.Send(Negotiation.Unit(PduType.ReleaseRequest, [0, 0, 0, 0]), _time);
            _peer.LimitTo(_time);
            if (_peer.TryReadHeader(out _, out uint length, _time))
                _peer.ReadBody(length, 4);
            _peer.Finish();
        }
        catch (PeerFault)
        {
            // What was sent was answered.
        }
    }

    public void Dispose() => _peer.Dispose();

    static PduSocket Connect(DicomPeer to, TimeSpan time, CancellationToken stop)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(time);
        try
        {
            socket.ConnectAsync(to.Host, to.Port, limited.Token).AsTask().GetAwaiter().GetResult();
            socket.Blocking = true;
            return new PduSocket(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            string why = e is SocketException { SocketErrorCode: var code } ? code.ToString() : "there is no answer";
            throw new PeerFault($"cannot be reached: {why}") { IsGone = true };
        }
    }

    CommandSet ReadAnswer()
    {
        using MemoryStream command = new();
        _peer.LimitTo(_time);
        while (true)
        {
            if (!_peer.TryReadHeader(out PduType type, out uint length, _time))
                throw new PeerFault("closed the connection instead of an answer") { IsGone = true };
            if (type != PduType.Data)
                throw new PeerFault(type == PduType.Abort ? "aborted the association" : $"answered a unit of type {(int)type}");
            ReadOnlySpan<byte> body = _peer.ReadBody(length, MostAnswer);
            while (body.Length > 0)
            {
                int value = body.Length < 6 ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(body);
                if (value < 2 || value > body.Length - 4 || command.Length + value > MostAnswer)
                    throw new PeerFault("answered a unit whose parts do not fit into it");
                command.Write(body[6..(4 + value)]);
                if ((body[5] & 2) != 0)
                    return CommandSet.Read(command.GetBuffer().AsSpan(0, (int)command.Length));
                body = body[(4 + value)..];
            }
        }
    }

    /// <summary>What an A-ASSOCIATE-RJ says (PS3.8, 9.3.4).</summary>
    static string Reason(byte source, byte reason) => (source, reason) switch
    {
        (1, 3) => "it does not know this AE title (--aet)",
        (1, 7) => "it has another AE title than the one that is called (--forward HOST:PORT:AET)",
        (3, 1 or 2) => "it is busy",
        _ => $"source {source}, reason {reason}",
    };
}
