using System.Net;
using Microsoft.AspNetCore.Http;

namespace SeverityEngine.Server.Http;

/// <summary>
/// Keeps foreign web pages out, which a browser on this machine would let call the server: those that call it by a name of theirs (DNS
/// rebinding), and those of another origin. Programs that are no browsers send neither Origin nor Sec-Fetch-Site, and are not concerned.
/// </summary>
sealed class Gatekeeper
{
    readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };
    readonly bool _takesAll;

    public Gatekeeper(ServerOptions options)
    {
        foreach (string host in options.Hosts)
            _names.Add(host);
        // No name leads to a socket in the file system.
        _takesAll = _names.Contains("*") || (options.SocketPath is not null && options.Hosts.Count == 0);
    }

    /// <summary>Refuses a request that a foreign page makes.</summary>
    /// <exception cref="RequestFault">403 or 421.</exception>
    public void Check(HttpRequest request)
    {
        // An address is nobody's to lead elsewhere; a name is its owner's.
        string host = request.Host.Host;
        if (!_takesAll && !_names.Contains(host) && !IPAddress.TryParse(host.AsSpan().Trim("[]"), out _))
        {
            throw new RequestFault(StatusCodes.Status421MisdirectedRequest, "unknown_host",
                "the server is not called by this name; call it by its address, or allow the name with --allow-host");
        }
        string? site = request.Headers["Sec-Fetch-Site"], origin = request.Headers.Origin;
        bool isForeign = site is not (null or "" or "same-origin" or "none") || (origin is not null && !IsOwn(origin, request.Host));
        // A link on another page leads to this one.
        bool isLink = HttpMethods.IsGet(request.Method) && origin is null && request.Headers["Sec-Fetch-Mode"] == "navigate"
            && request.Headers["Sec-Fetch-Dest"] == "document";
        if (isForeign && !isLink)
        {
            throw new RequestFault(StatusCodes.Status403Forbidden, "foreign_origin",
                "another site's page may not use this server; open the server's own page");
        }
    }

    static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
        && origin[(address.Scheme.Length + 3)..].Equals(host.Value, StringComparison.OrdinalIgnoreCase);
}
