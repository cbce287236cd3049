using System.Buffers.Binary;
using System.Text;
using SeverityEngine.Dicom.Writing;

namespace SeverityEngine.Dicom.Network;

/// <summary>What a presentation context came to.</summary>
enum ContextResult : byte
{
    Accepted = 0,
    AbstractSyntaxNotSupported = 3,
    TransferSyntaxesNotSupported = 4,
}

/// <summary>A presentation context: what is exchanged under its number, and how that is written.</summary>
/// <param name="Id">Its number, odd.</param>
/// <param name="AbstractSyntax">The SOP class.</param>
/// <param name="TransferSyntax">Of those that were proposed, the one that is taken; empty for none.</param>
readonly record struct PresentationContext(byte Id, string AbstractSyntax, string TransferSyntax)
{
    public ContextResult Result => !NetworkUids.IsAccepted(AbstractSyntax) ? ContextResult.AbstractSyntaxNotSupported
        : TransferSyntax.Length == 0 ? ContextResult.TransferSyntaxesNotSupported : ContextResult.Accepted;
}

/// <summary>The bodies of A-ASSOCIATE-RQ and -AC (PS3.8, 9.3.2 and 9.3.3): the same fields, of which each uses some.</summary>
sealed class Negotiation
{
    /// <summary>A title's characters, padded with spaces.</summary>
    public const int TitleBytes = 16;

    // Protocol version, reserved, the two titles, reserved.
    const int FixedBytes = 2 + 2 + 2 * TitleBytes + 32;

    const int ApplicationItem = 0x10, RequestedContextItem = 0x20, AcceptedContextItem = 0x21, AbstractItem = 0x30, TransferItem = 0x40,
        UserItem = 0x50, MaximumItem = 0x51, ImplementationItem = 0x52, VersionItem = 0x55;

    /// <summary>Numbers of contexts are odd and have one byte.</summary>
    const int MostContexts = 128;

    /// <summary>Whether it is of the protocol's first version, the only one that there is.</summary>
    public bool IsKnownVersion { get; private init; } = true;

    public string CalledTitle { get; init; } = "";

    public string CallingTitle { get; init; } = "";

    public string ApplicationContext { get; private set; } = NetworkUids.ApplicationContext;

    public List<PresentationContext> Contexts { get; } = [];

    /// <summary>The longest data unit that its sender takes, in bytes; 0 where there is no limit.</summary>
    public uint MaximumLength { get; set; }

    /// <summary>Reads a request, and takes of each context's transfer syntaxes the best.</summary>
    /// <exception cref="PeerFault">Items that end behind what holds them; too many contexts, or one twice.</exception>
    public static Negotiation ReadRequest(ReadOnlySpan<byte> body) => Read(body, RequestedContextItem);

    /// <summary>Reads an answer, of which those contexts are kept that were accepted.</summary>
    /// <exception cref="PeerFault">As for <see cref="ReadRequest"/>.</exception>
    public static Negotiation ReadAnswer(ReadOnlySpan<byte> body) => Read(body, AcceptedContextItem);

    /// <summary>The unit that answers this request.</summary>
    /// <param name="maximumLength">The longest data unit that is taken, in bytes.</param>
    public byte[] EncodeAnswer(uint maximumLength) => Encode(PduType.AssociateAccept, maximumLength, context =>
    [
        context.Id, 0, (byte)context.Result, 0,
        // One must stand there, whatever it means, for one that is not taken too.
        .. Item(TransferItem, context.TransferSyntax.Length > 0 ? context.TransferSyntax : "1.2.840.10008.1.2"),
    ]);

    /// <summary>The unit that asks for this.</summary>
    public byte[] EncodeRequest() => Encode(PduType.AssociateRequest, MaximumLength, context =>
        [context.Id, 0, 0, 0, .. Item(AbstractItem, context.AbstractSyntax), .. Item(TransferItem, context.TransferSyntax)]);

    static Negotiation Read(ReadOnlySpan<byte> body, int contextItem)
    {
        if (body.Length < FixedBytes)
            throw Broken();
        Negotiation read = new()
        {
            IsKnownVersion = (BinaryPrimitives.ReadUInt16BigEndian(body) & 1) != 0,
            CalledTitle = Title(body.Slice(4, TitleBytes)),
            CallingTitle = Title(body.Slice(4 + TitleBytes, TitleBytes)),
            ApplicationContext = "",
        };
        body = body[FixedBytes..];
        while (Next(ref body, out int type, out ReadOnlySpan<byte> value))
        {
            if (type == ApplicationItem)
                read.ApplicationContext = Text(value);
            else if (type == contextItem)
                read.Add(value, isAnswer: contextItem == AcceptedContextItem);
            else if (type == UserItem)
                read.TakeUser(value);
        }
        return read;
    }

    void Add(ReadOnlySpan<byte> value, bool isAnswer)
    {
        if (value.Length < 4)
            throw Broken();
        byte id = value[0];
        bool isAccepted = !isAnswer || value[2] == 0;
        if (id % 2 == 0 || Contexts.Count == MostContexts || Contexts.Exists(c => c.Id == id))
            throw Broken();
        string abstractSyntax = "", transferSyntax = "";
        int best = int.MaxValue;
        ReadOnlySpan<byte> items = value[4..];
        while (Next(ref items, out int type, out ReadOnlySpan<byte> item))
        {
            if (type == AbstractItem)
                abstractSyntax = Text(item);
            else if (type == TransferItem && isAnswer)
                transferSyntax = Text(item);
            else if (type == TransferItem && Text(item) is { } syntax && NetworkUids.RankOf(syntax) is >= 0 and int rank && rank < best)
                (best, transferSyntax) = (rank, syntax);
        }
        if (isAccepted)
            Contexts.Add(new PresentationContext(id, abstractSyntax, transferSyntax));
    }

    void TakeUser(ReadOnlySpan<byte> items)
    {
        while (Next(ref items, out int type, out ReadOnlySpan<byte> value))
        {
            if (type == MaximumItem && value.Length == 4)
                MaximumLength = BinaryPrimitives.ReadUInt32BigEndian(value);
        }
    }

    static bool Next(ref ReadOnlySpan<byte> items, out int type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (items.IsEmpty)
            return false;
        if (items.Length < 4 || BinaryPrimitives.ReadUInt16BigEndian(items[2..]) > items.Length - 4)
            throw Broken();
        type = items[0];
        value = items.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(items[2..]));
        items = items[(4 + value.Length)..];
        return true;
    }

    byte[] Encode(PduType type, uint maximumLength, Func<PresentationContext, byte[]> encode)
    {
        int contextItem = type == PduType.AssociateAccept ? AcceptedContextItem : RequestedContextItem;
        byte[] maximum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(maximum, maximumLength);
        byte[] user =
        [
            .. Item(MaximumItem, maximum), .. Item(ImplementationItem, ResultUid.Implementation), .. Item(VersionItem, "SEVERITY"),
        ];
        return Unit(type,
        [
            0, 1, 0, 0, .. TitleOf(CalledTitle), .. TitleOf(CallingTitle), .. new byte[32],
            .. Item(ApplicationItem, NetworkUids.ApplicationContext),
            .. Contexts.SelectMany(context => Item(contextItem, encode(context))),
            .. Item(UserItem, user),
        ]);
    }

    /// <summary>A unit with its header.</summary>
    public static byte[] Unit(PduType type, ReadOnlySpan<byte> body)
    {
        byte[] unit = new byte[PduSocket.HeaderBytes + body.Length];
        unit[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(unit.AsSpan(2), body.Length);
        body.CopyTo(unit.AsSpan(PduSocket.HeaderBytes));
        return unit;
    }

    static byte[] Item(int type, string value) => Item(type, Encoding.ASCII.GetBytes(value));

    static byte[] Item(int type, ReadOnlySpan<byte> value) => [(byte)type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    static byte[] TitleOf(string title) => Encoding.Latin1.GetBytes(title.PadRight(TitleBytes)[..TitleBytes]);

    static string Title(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes).Trim(' ', '\0');

    static string Text(ReadOnlySpan<byte> value) =>
        value.Length <= 128 ? Encoding.Latin1.GetString(value).Trim(' ', '\0') : "";

    static PeerFault Broken() => new("a negotiation whose parts do not fit into it", AbortReason.InvalidParameter);
}
