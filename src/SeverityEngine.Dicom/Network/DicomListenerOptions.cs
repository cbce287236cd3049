using System.Net;

namespace SeverityEngine.Dicom.Network;

/// <summary>Where a listener listens, whom it serves, and what it allows a peer.</summary>
sealed record DicomListenerOptions
{
    /// <summary>The longest body of a data unit that is taken, in bytes; and what peers are told is the longest.</summary>
    public const int MostPdu = 1 << 20, OfferedPdu = 128 << 10;

    /// <summary>Its AE title.</summary>
    public string Title { get; init; } = "SEVERITY";

    /// <summary>The address of the network interface.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 for a free one.</summary>
    public int Port { get; init; } = 11112;

    /// <summary>The AE titles that may call; none for all.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>Whether callers must call this AE title.</summary>
    public bool CheckTitle { get; init; }

    /// <summary>Associations at once; what asks for one more is told to come back.</summary>
    public int MostAssociations { get; init; } = 32;

    /// <summary>How long a connection may take to ask for an association (the protocol's ARTIM timer).</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an association may be idle.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a unit may take from its first byte, and the next one of a message to begin.</summary>
    public TimeSpan UnitTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a message may take, a whole object.</summary>
    public TimeSpan MessageTime { get; init; } = TimeSpan.FromMinutes(10);
}
