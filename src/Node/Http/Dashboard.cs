using System.Reflection;

namespace Failover.Node.Http;

/// <summary><c>GET /</c>: one self-contained page. It holds no data of its own, so it needs no token; what it fetches does.</summary>
internal static class Dashboard
{
    /// <summary>Nothing but the page itself and this node's own API.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly byte[] Page = Load();

    public static void Map(RouteTable routes)
    {
        routes.Add("GET", "/", Show);
        routes.Add("HEAD", "/", Show);
    }

    private static async Task Show(Exchange context)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = Page.Length;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.CacheControl = "no-cache";
        response.Headers["Referrer-Policy"] = "no-referrer";
        await response.BodyWriter.WriteAsync(Page, context.RequestAborted);
    }

    private static byte[] Load()
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream("Failover.Node.Dashboard.index.html")
            ?? throw new InvalidOperationException("The dashboard's page is not in the assembly.");
        var page = new byte[stream.Length];
        stream.ReadExactly(page);
        return page;
    }
}
