namespace SeverityEngine.Dicom.Network;

/// <summary>Why an association ends early, in words that name neither the peer nor a patient.</summary>
#pragma warning disable CA1032 // It is raised with its words alone.
sealed class PeerFault : IOException
#pragma warning restore CA1032
{
    /// <param name="message">What the peer did.</param>
    /// <param name="reason">What an A-ABORT says of it (PS3.8, 9.3.8).</param>
    public PeerFault(string message, AbortReason reason = AbortReason.NotSpecified)
        : base(message) => Reason = reason;

    public AbortReason Reason { get; }

    /// <summary>Whether there is nobody left to tell.</summary>
    public bool IsGone { get; init; }
}

/// <summary>Reasons of a service provider's A-ABORT (PS3.8, 9.3.8).</summary>
enum AbortReason : byte
{
    NotSpecified = 0,
    UnknownPdu = 1,
    UnexpectedPdu = 2,
    InvalidParameter = 6,
}
