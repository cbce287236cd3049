using System.Collections.Frozen;
using System.Text;
using Microsoft.AspNetCore.Http;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Server.Http;

/// <summary>What the server gives to read: the page for people, and the description for programs. All of it is inside the program.
/// </summary>
sealed class WebPages
{
    /// <summary>The page loads nothing from anywhere else, sends nothing anywhere else, and is shown in no frame.</summary>
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    readonly FrozenDictionary<string, WebPage> _pages;

    /// <param name="model">What the page says of the model.</param>
    /// <param name="rows">What rows say, for the table that the page saves and for the description.</param>
    public WebPages(ModelInfo model, RowSchema rows) => _pages = new Dictionary<string, WebPage>
    {
        ["/"] = new("text/html; charset=utf-8", Encoding.UTF8.GetBytes(Text("page.html")
            .Replace("{columns}", Attribute(string.Join(',', rows.Columns.Select(c => c.Name))), StringComparison.Ordinal)
            .Replace("{model}", Attribute($"{model.Name} {model.Version}"), StringComparison.Ordinal)
            .Replace("{version}", SeverityRuntime.EngineVersion, StringComparison.Ordinal))),
        ["/page.css"] = new("text/css; charset=utf-8", Bytes("page.css")),
        ["/page.js"] = new("text/javascript; charset=utf-8", Bytes("page.js")),
        ["/icon.svg"] = new("image/svg+xml", Bytes("icon.svg")),
        ["/openapi.json"] = new("application/json", OpenApi.Describe(Bytes("openapi.json"), rows)),
    }.ToFrozenDictionary();

    /// <summary>Whether there is a page at a path.</summary>
    public bool Has(string path) => _pages.ContainsKey(path);

    /// <summary>Answers with a page, or says that the client has it already.</summary>
    public async Task Answer(HttpContext context)
    {
        WebPage page = _pages[context.Request.Path.Value!];
        HttpResponse response = context.Response;
        response.Headers.ContentSecurityPolicy = Policy;
        // Kept by the browser, and asked for whether it is still the same.
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = page.Tag;
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(page.Tag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = page.Type;
        response.ContentLength = page.Content.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await response.BodyWriter.WriteAsync(page.Content, context.RequestAborted);
    }

    static byte[] Bytes(string name)
    {
        using Stream stream = typeof(WebPages).Assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    static string Text(string name) => Encoding.UTF8.GetString(Bytes(name));

    static string Attribute(string text) => System.Net.WebUtility.HtmlEncode(text);

    sealed record WebPage(string Type, byte[] Content)
    {
        public string Tag { get; } = $"\"{ContentHash.Sha256(Content)[..32]}\"";
    }
}
