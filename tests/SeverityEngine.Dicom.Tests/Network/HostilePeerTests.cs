using SeverityEngine.Tests;
using static SeverityEngine.Tests.DicomWire;

namespace SeverityEngine.Dicom.Tests.Network;

/// <summary>Peers that lie, hang, vanish and crawl: each costs its own association, and the next sender is served.</summary>
[Collection(RunAlone.Name)]
public sealed class HostilePeerTests
{
    public static TheoryData<string, byte[]> Broken => new()
    {
        // Before an association: every other unit, unknown ones, and lengths that nobody could have.
        { "data", Data(1, true, true, Echo()) },
        { "release", Release() },
        { "accept", [2, .. UsualRequest()[1..]] },
        { "reject", Pdu(3, 0, 1, 1, 1) },
        { "unknown", Pdu(8, 1, 2, 3) },
        { "web", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray() },
        { "huge request", [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1] },
        { "large request", [1, 0, 0, 0x10, 0, 1, 0, 1] },
        { "short request", Pdu(1, new byte[67]) },
        { "item behind the request", Pdu(1, [.. new byte[68], 0x10, 0, 0xFF, 0xFF, 1]) },
        { "cut item", Pdu(1, [.. new byte[68], 0x10, 0]) },
        { "empty context", Request(Item(0x20, 1, 0)) },
        { "even context", Request(Context(2, Verification, Implicit)) },
        { "context twice", Request([.. Context(1, Verification, Implicit), .. Context(1, Radiograph, Explicit)]) },
        { "syntax behind the context", Request(Item(0x20, [1, 0, 0, 0, 0x30, 0, 0x7F, 0xFF, 1])) },
        { "item behind the user's", Request(Item(0x50, 0x51, 0, 0, 9, 1)) },
        // In an association.
        { "second request", [.. UsualRequest(), .. UsualRequest()] },
        { "unknown later", [.. UsualRequest(), .. Pdu(0, 1)] },
        { "release reply", [.. UsualRequest(), .. Pdu(6, 0, 0, 0, 0)] },
        { "long release", [.. UsualRequest(), 5, 0, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "huge data", [.. UsualRequest(), 4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 3, 1, 3, 0] },
        { "large data", [.. UsualRequest(), 4, 0, 0, 0x10, 0, 1] },
        { "short value", [.. UsualRequest(), .. Pdu(4, 0, 0, 0, 1, 1, 3)] },
        { "value without a head", [.. UsualRequest(), .. Pdu(4, 0, 0, 0)] },
        { "value behind the unit", [.. UsualRequest(), .. Pdu(4, 0, 0, 0, 9, 1, 3, 0)] },
        { "negative value", [.. UsualRequest(), .. Pdu(4, 0xFF, 0xFF, 0xFF, 0xFF, 1, 3, 0)] },
        { "no such context", [.. UsualRequest(), .. Data(9, true, true, Echo())] },
        { "data before a command", [.. UsualRequest(), .. Data(1, false, true, 1, 2)] },
        { "other context", [.. UsualRequest(), .. Data(3, true, true, Store("1.2")), .. Data(1, false, true, 1, 2)] },
        { "command in a data set", [.. UsualRequest(), .. Data(3, true, true, Store("1.2")), .. Data(3, true, true, Echo())] },
        { "release in a data set, then data", [.. UsualRequest(), .. Data(1, true, false, Echo()), .. Data(1, false, true, 1)] },
        { "empty command", [.. UsualRequest(), .. Data(1, true, true)] },
        { "command without a number", [.. UsualRequest(), .. Data(1, true, true, Command(Element(0x100, Number(0x30))))] },
        { "command without a command", [.. UsualRequest(), .. Data(1, true, true, Command(Element(0x110, Number(1))))] },
        { "cut command", [.. UsualRequest(), .. Data(1, true, true, Echo()[..^1])] },
        { "element behind the command", [.. UsualRequest(), .. Data(1, true, true, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF)] },
        { "element of another group", [.. UsualRequest(), .. Data(1, true, true, 8, 0, 0, 1, 0, 0, 0, 0)] },
        { "long command", [.. UsualRequest(), .. Data(1, true, false, new byte[10_000]), .. Data(1, true, false, new byte[10_000])] },
        { "an answer", [.. UsualRequest(), .. Data(1, true, true, Command([.. Element(0x100, Number(0x8030)),
            .. Element(0x120, Number(1)), .. Element(0x800, Number(0x101)), .. Element(0x900, Number(0))]))] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Who_breaks_the_protocol_is_aborted_and_the_next_is_served(string what, byte[] bytes)
    {
        using Listening listening = new();
        using (DicomWire wire = new(listening.Port))
        {
            wire.Send(bytes);
            (int Type, byte[] Body)? answer = wire.Receive();
            if (answer?.Type == 2)
                answer = wire.Receive();
            Assert.True(answer is { Type: 7, Body: [0, 0, 2, _] }, $"{what}: {answer?.Type}");
            Assert.Null(wire.Receive());
        }
        listening.RequireService();
        Assert.Empty(listening.Files);
        // It is said when all is over.
        Assert.True(SpinWait.SpinUntil(() =>
        {
            lock (listening.Said)
                return listening.Said.Count == 1;
        }, 10_000), what);
        string said = Assert.Single(listening.Said);
        Assert.Contains("the association is aborted", said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_association_may_be_cut_after_every_byte()
    {
        byte[] dataSet = new byte[300];
        byte[] command = [.. UsualRequest(), .. Data(3, true, true, Store("1.2.3"))], sent = [.. command, .. Data(3, false, true, dataSet)],
            whole = [.. sent, .. Release()];
        using Listening listening = new();
        for (int length = 0; length <= whole.Length; length++)
        {
            using DicomWire wire = new(listening.Port);
            wire.Send(whole[..length]);
            wire.EndSending();
            while (wire.Receive() is { } unit)
                Assert.NotEqual((4, false), (unit.Type, length >= sent.Length));
            if (length < sent.Length)
                Assert.Empty(listening.Stored);
        }
        Assert.Equal(["1.2.3.dcm"], listening.Files);
        Assert.Equal(whole.Length - sent.Length + 1, listening.Stored.Count);
        listening.RequireService();
    }

    [Fact]
    public void Connections_that_say_nothing_keep_nobody_out_and_are_ended()
    {
        using Listening listening = new(Listening.Usual with { MostAssociations = 4, RequestTime = TimeSpan.FromSeconds(2) });
        List<DicomWire> silent = [];
        try
        {
            for (int i = 0; i < 200; i++)
            {
                silent.Add(new DicomWire(listening.Port));
                if (i % 2 == 0)
                    silent[i].Send(UsualRequest()[..(i % 60)]);
            }
            listening.RequireService();
            foreach (DicomWire wire in silent)
            {
                // What has begun a unit is told that it took too long.
                while (wire.Receive() is { } unit)
                    Assert.Equal(7, unit.Type);
            }
        }
        finally
        {
            silent.ForEach(wire => wire.Dispose());
        }
        listening.RequireService();
    }

    [Fact]
    public void Who_crawls_is_aborted_while_others_are_served()
    {
        using Listening listening = new(Listening.Usual with { UnitTime = TimeSpan.FromSeconds(1), MessageTime = TimeSpan.FromSeconds(2) });
        using DicomWire bytewise = new(listening.Port), unitwise = new(listening.Port);
        bytewise.Associate();
        unitwise.Associate();
        bytewise.Send([.. Data(3, true, true, Store("1.2.3")), 4, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFB, 3, 0]);
        unitwise.Send(Data(3, true, true, Store("1.2.4")));
        // Each byte, and each unit, comes in time; a unit, and a message, do not.
        for (int sent = 0; sent < 200 && Ended() < 2; sent++)
        {
            Record.Exception(() => bytewise.Send(0));
            Record.Exception(() => unitwise.Send(Data(3, false, false, 0, 0)));
            Thread.Sleep(50);
        }
        Assert.True(Ended() == 2, string.Join("\n", listening.Said));
        listening.RequireService();
        Assert.Empty(listening.Files);

        int Ended()
        {
            lock (listening.Said)
                return listening.Said.Count(
                    s => s.Contains(" time ", StringComparison.Ordinal) || s.Contains(" longer ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void One_association_more_than_there_may_be_is_told_to_come_back()
    {
        using Listening listening = new(Listening.Usual with { MostAssociations = 3 });
        DicomWire[] held = [.. Enumerable.Range(0, 3).Select(_ => new DicomWire(listening.Port))];
        foreach (DicomWire wire in held)
            wire.Associate();
        for (int i = 0; i < 40; i++)
        {
            using DicomWire more = new(listening.Port);
            more.Send(UsualRequest());
            (int Type, byte[] Body)? answer = more.Receive();
            Assert.Equal(3, answer?.Type);
            Assert.Equal([0, 2, 3, 2], answer!.Value.Body);
        }
        held[1].Dispose();
        Assert.True(SpinWait.SpinUntil(() =>
        {
            using DicomWire wire = new(listening.Port);
            wire.Send(UsualRequest());
            return wire.Receive()?.Type == 2;
        }, 10_000));
        foreach (DicomWire wire in held)
            wire.Dispose();
    }

    [Fact]
    public void Memory_stays_flat_whatever_lengths_are_claimed()
    {
        using Listening listening = new();
        byte[][] claims = [.. Broken.Select(row => row.Data.Item2)];
        Attack(1);
        long before = GC.GetTotalMemory(forceFullCollection: true), allocated = GC.GetTotalAllocatedBytes(precise: true);
        int connections = Attack(6);
        long each = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / connections;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        // A buffer of 64 KiB a connection, and what the test itself takes.
        Assert.InRange(each, 0, 512 << 10);
        Assert.InRange(kept, long.MinValue, 4 << 20);

        int Attack(int rounds)
        {
            int count = 0;
            for (int round = 0; round < rounds; round++)
            {
                foreach (byte[] claim in claims)
                {
                    using DicomWire wire = new(listening.Port);
                    wire.Send(claim);
                    wire.EndSending();
                    while (wire.Receive() is not null)
                    {
                    }
                    count++;
                }
            }
            return count;
        }
    }

    [Fact]
    public void Random_bytes_in_every_place_end_nothing_but_their_association()
    {
        byte[] whole = [.. UsualRequest(), .. StoreMessage("1.2.3", new byte[200]), .. Data(1, true, true, Echo()), .. Release()];
        using Listening listening = new(Listening.Usual with
        {
            UnitTime = TimeSpan.FromMilliseconds(500),
            IdleTime = TimeSpan.FromMilliseconds(500),
        });
        Random random = new(5);
        for (int i = 0; i < 600; i++)
        {
            byte[] bytes = [.. whole];
            for (int j = 0; j <= i % 4; j++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using DicomWire wire = new(listening.Port);
            wire.Send(bytes);
            wire.EndSending();
            while (wire.Receive() is not null)
            {
            }
        }
        listening.RequireService();
        Assert.DoesNotContain(listening.Said, s => s.Contains("a fault of this program", StringComparison.Ordinal));
        Assert.All(listening.Files, name => Assert.EndsWith(".dcm", name, StringComparison.Ordinal));
    }
}
