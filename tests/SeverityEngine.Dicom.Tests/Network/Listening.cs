using SeverityEngine.Dicom.Network;
using SeverityEngine.Tests;

namespace SeverityEngine.Dicom.Tests.Network;

/// <summary>A listener in this process, on a free port, with short times, that stores into a folder of its own.</summary>
sealed class Listening : IDisposable
{
    readonly DicomListener _listener;

    public Listening(DicomListenerOptions? options = null, long mostBytes = 1 << 20, Func<string?>? refuse = null)
    {
        ReceivedFolder folder = new(Folder.Path, mostBytes)
        {
            Refuse = refuse ?? (() => null),
            Stored = (name, sender, isNew) =>
            {
                lock (Stored)
                    Stored.Add((name, isNew));
            },
        };
        _listener = new DicomListener((options ?? Usual) with { Port = 0 }, folder, (message, isFault) =>
        {
            lock (Said)
                Said.Add(message);
        });
        _listener.Start();
    }

    /// <summary>Times in which a test that waits for their end is not slow.</summary>
    public static DicomListenerOptions Usual { get; } = new()
    {
        RequestTime = TimeSpan.FromSeconds(5),
        IdleTime = TimeSpan.FromSeconds(5),
        UnitTime = TimeSpan.FromSeconds(5),
        MessageTime = TimeSpan.FromSeconds(10),
    };

    public TemporaryFolder Folder { get; } = new();

    public List<(string Name, bool IsNew)> Stored { get; } = [];

    public List<string> Said { get; } = [];

    public int Port => _listener.Port;

    /// <summary>What stands in the folder, temporary files too.</summary>
    public string[] Files => [.. Directory.GetFiles(Folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public void BeginStop() => _listener.BeginStop();

    public void Stop(int seconds) => _listener.Stop(TimeSpan.FromSeconds(seconds));

    /// <summary>Requires that an honest sender is served.</summary>
    public void RequireService()
    {
        using DicomWire wire = new(Port);
        wire.Associate();
        wire.Send(DicomWire.Data(1, true, true, DicomWire.Echo()));
        Assert.Equal(0, wire.ReceiveStatus());
        wire.Send(DicomWire.Release());
        Assert.Equal(6, wire.Receive()?.Type);
        Assert.Null(wire.Receive());
    }

    public void Dispose()
    {
        _listener.Dispose();
        Folder.Dispose();
    }
}
