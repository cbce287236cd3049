using System.Buffers;
using System.Buffers.Binary;

namespace SeverityEngine.Dicom.Network;

/// <summary>
/// An association of the listener, from its request to its end. What is received goes on as it comes: neither units nor data sets are ever
/// whole in memory.
/// </summary>
/// <param name="peer">The connection.</param>
/// <param name="options">What is taken, and how long it may take.</param>
/// <param name="store">Where objects go.</param>
/// <param name="watch">Who counts associations and may end this one.</param>
/// <param name="address">The peer's address, for messages.</param>
sealed class ProviderAssociation(
    PduSocket peer, DicomListenerOptions options, IInstanceStore store, IAssociationWatch watch, string address)
{
    /// <summary>The longest negotiation: 128 contexts with dozens of transfer syntaxes have some 200,000 bytes.</summary>
    const int MostNegotiation = 1 << 20;

    /// <summary>The longest command set; those that are known have some 300 bytes.</summary>
    const int MostCommand = 16 << 10;

    readonly Dictionary<byte, PresentationContext> _contexts = [];
    readonly ArrayBufferWriter<byte> _command = new();
    readonly string _address = address;
    uint _mostToPeer;
    string _sender = address;

    // The message in hand: its command once that is whole, the sink of its data set, and why that goes nowhere.
    byte _context;
    bool _isInMessage;
    CommandSet? _request;
    IInstanceSink? _sink;
    StoreRefusal? _refusal;
    long _messageEnd;

    /// <summary>Serves it to its end.</summary>
    /// <exception cref="PeerFault">The peer broke the protocol, took too long, or was lost; it has been told where that can be.</exception>
    public void Serve()
    {
        try
        {
            if (Negotiate())
                Exchange();
        }
        catch (PeerFault fault) when (!fault.IsGone)
        {
            Abort(isProvider: true, fault.Reason);
            throw new PeerFault($"{_sender}: {fault.Message}; the association is aborted", fault.Reason);
        }
        catch (PeerFault fault)
        {
            throw new PeerFault($"{_sender}: {fault.Message}");
        }
        finally
        {
            _sink?.Dispose();
        }
    }

    bool Negotiate()
    {
        peer.LimitTo(options.RequestTime);
        if (!peer.TryReadHeader(out PduType type, out uint length, options.RequestTime))
            return false; // Somebody looked whether the port is open.
        if (type != PduType.AssociateRequest)
            throw Unexpected(type, "before an association");
        Negotiation request = Negotiation.ReadRequest(peer.ReadBody(length, MostNegotiation));
        _sender = $"{request.CallingTitle} at {_address}";
        if (Rejection(request) is { } no)
        {
            Send(Negotiation.Unit(PduType.AssociateReject, [0, no.Result, no.Source, no.Reason]));
            peer.Finish();
            watch.Say($"{_sender}: {no.Why}; the association is rejected", isFault: true);
            return false;
        }
        foreach (PresentationContext context in request.Contexts.Where(c => c.Result == ContextResult.Accepted))
            _contexts.Add(context.Id, context);
        _mostToPeer = request.MaximumLength;
        Send(request.EncodeAnswer(DicomListenerOptions.OfferedPdu));
        return true;
    }

    /// <summary>Why a request is rejected (PS3.8, 9.3.4); null where it is not.</summary>
    (byte Result, byte Source, byte Reason, string Why)? Rejection(Negotiation request)
    {
        if (!request.IsKnownVersion)
            return (1, 2, 2, "asks for a version of the protocol that is not known");
        if (request.ApplicationContext != NetworkUids.ApplicationContext)
            return (1, 1, 2, "asks for an application context that is not DICOM's");
        if (options.CheckTitle && request.CalledTitle != options.Title)
            return (1, 1, 7, "calls another AE title than this one's");
        if (options.Allowed.Count > 0 && !options.Allowed.Contains(request.CallingTitle))
            return (1, 1, 3, "is not among the AE titles that are allowed (--allow)");
        return watch.TryAssociate() ? null : (2, 3, 2, $"all {options.MostAssociations} associations are taken");
    }

    void Exchange()
    {
        while (true)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(0, _messageEnd - Environment.TickCount64));
            peer.LimitTo(_isInMessage ? Shorter(options.UnitTime, left) : options.IdleTime);
            bool isThere = peer.TryReadHeader(
                out PduType type, out uint length, options.UnitTime, _isInMessage ? null : () => watch.Begin());
            if (!isThere && watch.IsStopping)
            {
                // The peer waits for nothing.
                Abort(isProvider: false, AbortReason.NotSpecified);
                return;
            }
            if (!isThere)
                throw new PeerFault("the connection was closed without a release") { IsGone = true };
            switch (type)
            {
                case PduType.Data:
                    ReadData(length);
                    break;
                case PduType.ReleaseRequest:
                    peer.ReadBody(length, 4);
                    Send(Negotiation.Unit(PduType.ReleaseReply, [0, 0, 0, 0]));
                    peer.Finish();
                    return;
                case PduType.Abort:
                    peer.ReadBody(length, 4);
                    if (_isInMessage)
                        watch.Say($"{_sender}: aborted in the middle of an object, which is dropped", isFault: true);
                    return;
                default:
                    throw Unexpected(type, "in an association");
            }
            if (_isInMessage)
                continue;
            if (!watch.End())
            {
                Abort(isProvider: false, AbortReason.NotSpecified);
                return;
            }
        }
    }

    /// <summary>Reads the values of a data unit (PS3.8, 9.3.5 and annex E), each a fragment of a message.</summary>
    void ReadData(uint length)
    {
        if (length > DicomListenerOptions.MostPdu)
        {
            throw new PeerFault(
                $"a data unit of {length} bytes, where {DicomListenerOptions.MostPdu} are the most", AbortReason.InvalidParameter);
        }
        Span<byte> head = stackalloc byte[6];
        for (int left = (int)length; left > 0;)
        {
            if (left < head.Length)
                throw new PeerFault("a data unit with a part that is none", AbortReason.InvalidParameter);
            peer.ReadExactly(head);
            uint value = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (value < 2 || value > left - 4)
                throw new PeerFault("a data unit whose parts do not fit into it", AbortReason.InvalidParameter);
            left -= 4 + (int)value;
            Take(head[4], isCommand: (head[5] & 1) != 0, isLast: (head[5] & 2) != 0, (int)value - 2);
        }
    }

    void Take(byte context, bool isCommand, bool isLast, int length)
    {
        if (!_isInMessage)
        {
            if (!_contexts.ContainsKey(context))
                throw new PeerFault("a message in a presentation context that was not accepted", AbortReason.InvalidParameter);
            _context = context;
            _isInMessage = true;
            _messageEnd = Environment.TickCount64 + (long)options.MessageTime.TotalMilliseconds;
            _command.ResetWrittenCount();
        }
        if (context != _context || isCommand != _request is null)
            throw new PeerFault("fragments of a message that come in no order", AbortReason.UnexpectedPdu);
        if (Environment.TickCount64 > _messageEnd)
            throw new PeerFault($"a message that takes longer than {options.MessageTime.TotalSeconds:0} s");
        if (isCommand && _command.WrittenCount + length > MostCommand)
            throw new PeerFault($"a command set of more than {MostCommand} bytes", AbortReason.InvalidParameter);
        while (length > 0)
        {
            ReadOnlySpan<byte> bytes = peer.Read(length);
            length -= bytes.Length;
            if (isCommand)
                _command.Write(bytes);
            else
                Write(bytes);
        }
        if (!isLast)
            return;
        if (isCommand)
        {
            _request = CommandSet.Read(_command.WrittenSpan);
            Begin(_request);
        }
        if (!isCommand || !_request!.HasDataSet)
            EndMessage();
    }

    void Begin(CommandSet request)
    {
        PresentationContext context = _contexts[_context];
        if (request.Field is not CommandField.Store)
            return;
        try
        {
            if (request.SopClass != context.AbstractSyntax || context.AbstractSyntax == NetworkUids.Verification)
                throw new StoreRefusal(DimseStatus.ClassNotSupported, "the SOP class is not the one that was negotiated");
            if (!NetworkUids.IsUid(request.SopInstance))
                throw new StoreRefusal(DimseStatus.InvalidInstance, "the SOP Instance UID is no UID");
            if (!request.HasDataSet)
                throw new StoreRefusal(DimseStatus.NotUnderstood, "there is no data set");
            _sink = store.Begin(new ReceivedInstance(request.SopClass, request.SopInstance, context.TransferSyntax, _sender));
        }
        catch (StoreRefusal refusal)
        {
            _refusal = refusal;
        }
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _sink?.Write(bytes);
        }
        catch (StoreRefusal refusal)
        {
            Refuse(refusal);
        }
    }

    void EndMessage()
    {
        CommandSet request = _request!;
        try
        {
            _sink?.Complete();
        }
        catch (StoreRefusal refusal)
        {
            _refusal = refusal;
        }
        _sink?.Dispose();
        StoreRefusal? why = _refusal;
        byte context = _context;
        (_sink, _refusal, _request, _isInMessage) = (null, null, null, false);
        if (why is not null)
            watch.Say($"{_sender}: refused with status {why.Status:X4}: {why.Message}", isFault: true);
        switch (request.Field)
        {
            case CommandField.Cancel:
                // There is nothing that could be canceled, and no answer (PS3.7, 9.3.2.3).
                break;
            case CommandField.Store:
                Answer(context, request.Answer(why?.Status ?? DimseStatus.Success, why is null ? "" : Printed(why.Message)));
                break;
            case CommandField.Echo:
                Answer(context, request.Answer(DimseStatus.Success));
                break;
            default:
                if ((request.Field & CommandField.Response) != 0)
                    throw new PeerFault("an answer to nothing", AbortReason.UnexpectedPdu);
                Answer(context, request.Answer(DimseStatus.UnknownOperation));
                break;
        }
    }

    /// <summary>Lets go of an object at once: its disk space may be what others need.</summary>
    void Refuse(StoreRefusal refusal)
    {
        _refusal = refusal;
        _sink?.Dispose();
        _sink = null;
    }

    void Answer(byte context, CommandSet answer)
    {
        byte[] set = answer.Encode();
        foreach (byte[] unit in DataUnits.Of(context, set, isCommand: true, isLast: true, _mostToPeer))
            Send(unit);
    }

    void Send(byte[] unit) => peer.Send(unit, options.UnitTime);

    void Abort(bool isProvider, AbortReason reason)
    {
        _sink?.Dispose();
        _sink = null;
        try
        {
            Send(Negotiation.Unit(PduType.Abort, [0, 0, isProvider ? (byte)2 : (byte)0, (byte)reason]));
            peer.Finish();
        }
        catch (PeerFault)
        {
            // It is over in any case.
        }
    }

    static PeerFault Unexpected(PduType type, string where) => Enum.IsDefined(type)
        ? new PeerFault($"a unit of type {(int)type} {where}", AbortReason.UnexpectedPdu)
        : new PeerFault($"a unit of type {(int)type}, which is none", AbortReason.UnknownPdu);

    static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>An answer's comment is one value of printable ASCII.</summary>
    static string Printed(string text) => Writing.AsciiText.One(text, 64);
}
