using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SeverityEngine.Server.Monitoring;
using SeverityEngine.Server.Predict;
using SeverityEngine.Server.Scoring;
using SeverityEngine.Server.Stow;

namespace SeverityEngine.Server.Http;

/// <summary>Leads each request to what answers it, and answers every failure in words.</summary>
sealed class Site : IHttpApplication<HttpContext>
{
    const string Health = "/healthz", Metrics = "/metrics", Predict = "/v1/predict", Studies = "/studies", Other = "other";

    readonly ServerMetrics _metrics;
    readonly Gatekeeper _gate;
    readonly WebPages _pages;
    readonly PredictEndpoint _predict;
    readonly StowEndpoint? _stow;
    readonly TimeSpan _patience;
    readonly CancellationToken _abandon;

    /// <param name="room">What scores.</param>
    /// <param name="pages">What there is to read.</param>
    /// <param name="stow">What takes images by DICOMweb; null where none are taken.</param>
    /// <param name="metrics">Hears of every request.</param>
    /// <param name="abandon">Canceled when the server gives up what it does.</param>
    public Site(ScoringRoom room, WebPages pages, StowEndpoint? stow, ServerMetrics metrics, CancellationToken abandon)
    {
        (_pages, _stow, _metrics, _abandon) = (pages, stow, metrics, abandon);
        _gate = new Gatekeeper(room.Options);
        _predict = new PredictEndpoint(room);
        _patience = room.Options.Patience;
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // It holds nothing.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        long begun = Stopwatch.GetTimestamp();
        string path = context.Request.Path.Value ?? "";
        string route = RouteOf(path);
        _metrics.Begin();
        try
        {
            AddHeaders(context.Response.Headers);
            using RequestClock clock = new(_patience, context.RequestAborted, _abandon);
            await Guarded(context, route, clock);
        }
        finally
        {
            _metrics.End(route, context.Response.StatusCode, Stopwatch.GetElapsedTime(begun));
        }
    }

    /// <summary>The path, of those that there are: what clients make up does not make metrics grow.</summary>
    string RouteOf(string path) => path is Health or Metrics or Predict || _pages.Has(path) ? path
        : path == Studies || path.StartsWith(Studies + "/", StringComparison.Ordinal) ? Studies : Other;

    async Task Guarded(HttpContext context, string route, RequestClock clock)
    {
        RequestFault? fault;
        try
        {
            _gate.Check(context.Request);
            await Answer(context, route, clock);
            return;
        }
        catch (RequestFault e)
        {
            fault = e;
        }
        catch (BadHttpRequestException e)
        {
            fault = new RequestFault(e.StatusCode, e.StatusCode == StatusCodes.Status408RequestTimeout ? "timed_out" : "bad_request",
                "the request breaks off, comes too slowly, or breaks the form of HTTP; send it again");
        }
        catch (OperationCanceledException)
        {
            fault = clock.Fault();
        }
        catch (IOException)
        {
            fault = null; // The client is gone.
        }
        catch (SeverityException e)
        {
            fault = new RequestFault(ErrorStatus.Of(e.Code), e.Code.Name(), e.Message);
        }
#pragma warning disable CA1031 // Even a fault of ours costs one request.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _ = Failures.End(e);
            fault = new RequestFault(StatusCodes.Status500InternalServerError, SeverityError.Internal.Name(),
                "a fault of the server, please report it");
        }
        if (fault is null || context.Response.HasStarted)
            context.Abort();
        else
            await fault.AnswerAsync(context.Response);
    }

    async Task Answer(HttpContext context, string route, RequestClock clock)
    {
        HttpRequest request = context.Request;
        switch (route)
        {
            case Predict:
                Require(request, HttpMethods.Post);
                await _predict.Answer(context, clock);
                break;
            case Studies:
                if (_stow is null)
                    throw new RequestFault(404, "not_found", "images are not taken by DICOMweb here; start the server with --rows FILE");
                Require(request, HttpMethods.Post);
                await _stow.Answer(context, clock);
                break;
            case Health:
                Require(request, HttpMethods.Get, HttpMethods.Head);
                await Text(context, "text/plain; charset=utf-8", "ready\n");
                break;
            case Metrics:
                Require(request, HttpMethods.Get, HttpMethods.Head);
                await Text(context, "text/plain; version=0.0.4; charset=utf-8", _metrics.Text());
                break;
            case Other:
                throw new RequestFault(404, "not_found", "there is nothing at this address; /openapi.json says what there is");
            default:
                Require(request, HttpMethods.Get, HttpMethods.Head);
                await _pages.Answer(context);
                break;
        }
    }

    static void Require(HttpRequest request, params ReadOnlySpan<string> methods)
    {
        if (methods.Contains(request.Method))
            return;
        string allowed = string.Join(", ", methods);
        request.HttpContext.Response.Headers.Allow = allowed;
        throw new RequestFault(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"this address takes {allowed}");
    }

    static async Task Text(HttpContext context, string type, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Results stay with who asked for them, and are taken for what they are.</summary>
    static void AddHeaders(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
