using System.Net;

namespace SeverityEngine.Server;

/// <summary>Where the server listens, what it takes, and what it does at once.</summary>
sealed record ServerOptions
{
    /// <summary>The address and the port; 0 for a free port. Null with <see cref="SocketPath"/>.</summary>
    public IPEndPoint? EndPoint { get; init; }

    /// <summary>A Unix domain socket to listen on instead.</summary>
    public string? SocketPath { get; init; }

    /// <summary>Names by which clients may call it, beside those of this machine for itself.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Images that are scored at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Cores that one image uses.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Requests that may wait for their scores beyond those that are being scored; further ones are told to come back.</summary>
    public int MostQueued { get; init; } = 64;

    /// <summary>How long an image may take, from its first byte to its score.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>The file for the rows of images that come by DICOMweb; null where none are taken.</summary>
    public string? Rows { get; init; }

    /// <summary>The folder for their reports; null for none.</summary>
    public string? Reports { get; init; }
}
