using System.Buffers.Binary;
using System.Text;
using SeverityEngine.Tests;
using static SeverityEngine.Tests.DicomWire;

namespace SeverityEngine.Dicom.Tests.Network;

/// <summary>What the listener answers, byte for byte by PS3.7 and PS3.8, and what stands on the disk then.</summary>
public sealed class ListenerTests
{
    static readonly byte[] s_dataSet = new SourceImage().File()[Meta(new SourceImage().File())..];

    [Fact]
    public void An_object_is_stored_as_it_came_and_answered_when_it_has_its_name()
    {
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        wire.Associate();
        wire.Send(StoreMessage("1.2.826.77.3", s_dataSet, message: 300));
        Dictionary<int, byte[]> answer = wire.ReceiveCommand();
        Assert.Equal(["1.2.826.77.3.dcm"], listening.Files);
        Assert.Equal(Number(0x8001), answer[0x100]);
        Assert.Equal(Number(300), answer[0x120]);
        Assert.Equal(Number(0x101), answer[0x800]);
        Assert.Equal(Number(0), answer[0x900]);
        Assert.Equal(Uid(Radiograph), answer[2]);
        Assert.Equal(Uid("1.2.826.77.3"), answer[0x1000]);
        byte[] file = File.ReadAllBytes(listening.Folder["1.2.826.77.3.dcm"]);
        Assert.Equal(s_dataSet, file[Meta(file)..]);
        Assert.Equal([Explicit], Dump.Values(file, "0002,0010"));
        Assert.Equal(["1.2.826.77.3"], Dump.Values(file, "0002,0003"));
        Assert.Equal(["Doe^Jane"], Dump.Values(file, "0010,0010"));
    }

    [Fact]
    public void The_same_bytes_again_are_stored_once_and_others_under_the_same_uid_are_kept_beside()
    {
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        wire.Associate();
        byte[] other = [.. s_dataSet[..^1], (byte)(s_dataSet[^1] ^ 1)], longer = [.. s_dataSet, 0, 0];
        foreach (byte[] dataSet in (byte[][])[s_dataSet, s_dataSet, other, longer, other, s_dataSet])
        {
            wire.Send(StoreMessage("1.2.3", dataSet));
            Assert.Equal(0, wire.ReceiveStatus());
        }
        Assert.Equal(["1.2.3-2.dcm", "1.2.3-3.dcm", "1.2.3.dcm"], listening.Files);
        Assert.Equal(
            [("1.2.3.dcm", true), ("1.2.3.dcm", false), ("1.2.3-2.dcm", true), ("1.2.3-3.dcm", true), ("1.2.3-2.dcm", false),
                ("1.2.3.dcm", false)], listening.Stored);
        byte[] kept = File.ReadAllBytes(listening.Folder["1.2.3.dcm"]);
        Assert.Equal(s_dataSet, kept[Meta(kept)..]);
    }

    [Theory]
    [InlineData("../../../tmp/x")]
    [InlineData("1.2.3/4")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1..2")]
    [InlineData("1.2.")]
    [InlineData("1.2.3a")]
    [InlineData("1.2.\u0001")]
    [InlineData("1.23456789.123456789.123456789.123456789.123456789.123456789.12345")]
    public void What_is_no_uid_becomes_no_name(string instance)
    {
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        wire.Associate();
        wire.Send(StoreMessage(instance, s_dataSet));
        Assert.Equal(0x0117, wire.ReceiveStatus());
        Assert.Empty(listening.Files);
        // The association goes on.
        wire.Send(StoreMessage("1.2", s_dataSet));
        Assert.Equal(0, wire.ReceiveStatus());
        Assert.Equal(["1.2.dcm"], listening.Files);
    }

    [Fact]
    public void Messages_may_come_in_single_bytes_and_several_in_one_unit()
    {
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        wire.Associate();
        List<byte> units = [];
        byte[] command = Store("1.2.3.1");
        for (int i = 0; i < command.Length; i++)
            units.AddRange(Data(3, true, i == command.Length - 1, command[i]));
        byte[] small = s_dataSet[..600];
        for (int i = 0; i < small.Length; i++)
            units.AddRange(Data(3, false, i == small.Length - 1, small[i]));
        wire.Send([.. units]);
        Assert.Equal(0, wire.ReceiveStatus());
        // Empty fragments, and all in one unit, with the next message behind it.
        wire.Send(Pdu(4,
        [
            .. Value(3, true, false), .. Value(3, true, true, Store("1.2.3.2")),
            .. Value(3, false, false), .. Value(3, false, false, small),
            .. Value(3, false, true), .. Value(1, true, true, Echo(7)),
        ]));
        Assert.Equal(0, wire.ReceiveStatus());
        Assert.Equal(Number(7), wire.ReceiveCommand()[0x120]);
        foreach (string name in (string[])["1.2.3.1.dcm", "1.2.3.2.dcm"])
        {
            byte[] file = File.ReadAllBytes(listening.Folder[name]);
            Assert.Equal(small, file[Meta(file)..]);
        }
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(1u)]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public void Answers_fit_into_what_the_peer_takes(uint most)
    {
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        wire.Associate(Request(Context(1, Verification, Implicit), most));
        wire.Send(Data(1, true, true, Echo(5)));
        List<byte> command = [];
        bool isLast = false;
        while (!isLast)
        {
            (int Type, byte[] Body) unit = wire.Receive()!.Value;
            // A peer that takes nothing gets the least that says something.
            if (most > 0)
                Assert.InRange((uint)unit.Body.Length, 7u, Math.Max(most, 8));
            isLast = (unit.Body[5] & 2) != 0;
            command.AddRange(unit.Body[6..]);
        }
        Assert.Equal(Number(5), Elements([.. command])[0x120]);
    }

    [Fact]
    public void Contexts_are_answered_each_and_lossless_forms_come_before_lossy_ones()
    {
        const string Root = "1.2.840.10008.1.2";
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        byte[] body = wire.Associate(Request(
        [
            .. Context(1, Radiograph, Implicit, Explicit, Root + ".4.70"),
            .. Context(3, Radiograph, Root + ".4.50", Root + ".4.51"),
            .. Context(5, Radiograph, Root + ".4.50", Explicit),
            .. Context(7, Radiograph, Root + ".4.201", Root + ".4.100"),
            .. Context(9, "1.2.840.10008.5.1.4.1.2.1.1", Implicit),
            .. Context(11, "1.2.840.10008.5.1.4.1.1.88.34", Explicit),
            .. Context(13, Radiograph, Root + ".2"), .. Context(15, Radiograph, Root + ".1.99", Root + ".4.81"),
            .. Context(255, Radiograph),
        ]));
        Assert.Equal(
            [(1, 0, Root + ".4.70"), (3, 0, Root + ".4.50"), (5, 0, Explicit), (7, 4, Implicit), (9, 3, Implicit), (11, 0, Explicit),
                (13, 0, Root + ".2"), (15, 0, Root + ".1.99"), (255, 4, Implicit)], Answers(body));
    }

    [Fact]
    public void A_request_may_have_128_contexts()
    {
        string[] syntaxes = [.. Enumerable.Range(0, 38).Select(i => $"1.2.840.10008.1.2.4.9{i:00}"), Explicit];
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        byte[] body = wire.Associate(Request(Enumerable.Range(0, 128).SelectMany(i => Context(2 * i + 1, Radiograph + $".{i}", syntaxes))));
        Assert.Equal(Enumerable.Range(0, 128).Select(i => (2 * i + 1, 0, Explicit)), Answers(body));
    }

    [Theory]
    [InlineData("STRANGER", "SEVERITY", DicomContext, 1, 1, 1, 3)]
    [InlineData("FRIEND", "OTHER", DicomContext, 1, 1, 1, 7)]
    [InlineData("FRIEND", "SEVERITY", "1.2.3", 1, 1, 1, 2)]
    [InlineData("FRIEND", "SEVERITY", DicomContext, 2, 1, 2, 2)]
    public void Who_may_not_send_is_rejected(
        string calling, string called, string application, int version, byte result, byte source, byte reason)
    {
        using Listening listening = new(Listening.Usual with { Allowed = ["FRIEND", "F2"], CheckTitle = true });
        byte[] contexts = Context(1, Verification, Implicit);
        using (DicomWire wire = new(listening.Port))
        {
            wire.Send(Request(contexts, calling: calling, called: called, application: application, version: version));
            (int Type, byte[] Body)? answer = wire.Receive();
            Assert.Equal(3, answer?.Type);
            Assert.Equal([0, result, source, reason], answer!.Value.Body);
            Assert.Null(wire.Receive());
        }
        using DicomWire friend = new(listening.Port);
        friend.Associate(Request(contexts, calling: "F2"));
    }

    [Fact]
    public void An_object_that_cannot_be_kept_is_answered_so_and_the_association_goes_on()
    {
        string? full = null;
        using Listening listening = new(mostBytes: 40_000, refuse: () => full);
        using DicomWire wire = new(listening.Port);
        wire.Associate();
        wire.Send(Data(3, true, true, Store("1.2.1")));
        for (int i = 0; i < 40; i++)
            wire.Send(Data(3, false, i == 39, new byte[10_000]));
        Dictionary<int, byte[]> answer = wire.ReceiveCommand();
        Assert.Equal(Number(0xA700), answer[0x900]);
        Assert.Contains("more than", Encoding.ASCII.GetString(answer[0x902]), StringComparison.Ordinal);
        Assert.InRange(answer[0x902].Length, 2, 64);
        full = "no room";
        wire.Send(StoreMessage("1.2.2", s_dataSet));
        Assert.Equal(0xA700, wire.ReceiveStatus());
        Assert.Empty(listening.Files);
        full = null;
        // Of another class than the context's, and without a data set.
        wire.Send([.. Data(3, true, true, Store("1.2.3", sopClass: Verification)), .. Data(3, false, true, s_dataSet)]);
        Assert.Equal(0x0122, wire.ReceiveStatus());
        wire.Send(Data(3, true, true, Command([.. Element(2, Uid(Radiograph)), .. Element(0x100, Number(1)), .. Element(0x110, Number(1)),
            .. Element(0x800, Number(0x101)), .. Element(0x1000, Uid("1.2.4"))])));
        Assert.Equal(0xC000, wire.ReceiveStatus());
        // C-FIND, with a data set; and C-CANCEL, which has no answer.
        wire.Send([.. Data(1, true, true, Command([.. Element(0x100, Number(0x20)), .. Element(0x110, Number(9)),
            .. Element(0x800, Number(1))])), .. Data(1, false, true, 1, 2, 3, 4)]);
        Assert.Equal(0x0211, wire.ReceiveStatus());
        wire.Send(Data(1, true, true, Command([.. Element(0x100, Number(0x0FFF)), .. Element(0x110, Number(9)),
            .. Element(0x800, Number(0x101))])));
        wire.Send(StoreMessage("1.2.5", s_dataSet));
        Assert.Equal(0, wire.ReceiveStatus());
        Assert.Equal(["1.2.5.dcm"], listening.Files);
    }

    [Fact]
    public void What_is_in_hand_is_finished_at_the_end_and_idle_associations_are_ended()
    {
        using Listening listening = new();
        using DicomWire busy = new(listening.Port), idle = new(listening.Port), silent = new(listening.Port);
        busy.Associate();
        idle.Associate();
        busy.Send([.. Data(3, true, true, Store("1.2.3")), .. Data(3, false, false, s_dataSet[..500])]);
        // A file without its name shows that the listener has begun with it.
        Assert.True(SpinWait.SpinUntil(() => listening.Files.Length == 1, 10_000));
        int port = listening.Port;
        listening.BeginStop();
        Assert.Equal(7, idle.Receive()?.Type);
        Assert.Null(silent.Receive());
        Assert.ThrowsAny<System.Net.Sockets.SocketException>(() => new DicomWire(port).Dispose());
        busy.Send(Data(3, false, true, s_dataSet[500..]));
        Assert.Equal(0, busy.ReceiveStatus());
        Assert.Equal(7, busy.Receive()?.Type);
        listening.Stop(5);
        Assert.Equal(["1.2.3.dcm"], listening.Files);
    }

    [Fact]
    public void What_is_not_finished_in_time_leaves_nothing()
    {
        using Listening listening = new();
        using DicomWire wire = new(listening.Port);
        wire.Associate();
        wire.Send([.. Data(3, true, true, Store("1.2.3")), .. Data(3, false, false, s_dataSet[..500])]);
        Assert.True(SpinWait.SpinUntil(() => listening.Files.Length == 1, 10_000));
        listening.Stop(0);
        Assert.Empty(listening.Files);
        Assert.Empty(listening.Stored);
    }

    /// <summary>Where the data set begins in a file, by the length that its meta header gives.</summary>
    static int Meta(byte[] file) =>
        BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(134)) == 0 && file[136] == 'U'
            ? 144 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(140))
            // The files of tests have one element there: the transfer syntax.
            : 132 + 8 + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(138));

    static List<(int Id, int Result, string Syntax)> Answers(byte[] body)
    {
        List<(int, int, string)> answers = [];
        for (int at = 68; at < body.Length; at += 4 + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at + 2)))
        {
            if (body[at] == 0x21)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at + 10));
                answers.Add((body[at + 4], body[at + 6], Encoding.ASCII.GetString(body, at + 12, length)));
            }
        }
        return answers;
    }
}
