using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Failover.Node.Metrics;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>What every request passes first: who may enter, which way it goes, and what an error looks like on the way out.</summary>
internal sealed class FrontDoor(
    HttpOptions options,
    KeyRoutes keys,
    RouteTable routes,
    RequestMetrics metrics,
    FrontErrors errors,
    INodeService service
)
{
    private const string Bearer = "Bearer ";

    private readonly string _node = Uri.EscapeDataString(service.Self.Value);
    private readonly byte[]? _token = options.AuthToken.Length == 0 ? null : Digest(options.AuthToken);

    public Task Enter(Exchange context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Failover-Node"] = _node;
        headers["Failover-Position"] = service.Reached;
        if (Refuse(context) is { } refusal)
            return refusal.Write(context);
        var target = context.Request.RawTarget;
        return KeyPath.TryFind(target, out var key) ? keys.Handle(context, key) : Route(context);
    }

    private async Task Route(Exchange context)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var method = context.Request.Method;
        var place = routes.Find(context.Request.Path, out var name);
        var answer = place?.AnswerTo(method);
        try
        {
            await (answer is null ? Unrouted(context.Request, place).Write(context) : answer(context, name));
        }
        catch (Exception e)
        {
            await errors.Answer(context, e);
        }
        if (answer is not null && place!.Path != "/events")
            metrics.Answered(Operation(place.Path, method), context.Response.StatusCode, startedAt);
    }

    private static Problem Unrouted(ExchangeRequest request, RouteTable.Place? place) =>
        place is null
            ? new Problem(404, "no-such-route", $"there is nothing at {request.Path}")
            : new Problem(405, "method", $"{request.Method} is not possible at {request.Path}") { Allow = place.Allow };

    private Problem? Refuse(Exchange context)
    {
        var request = context.Request;
        if (_token is not null && !Open(request.Path) && !Authorized(request))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return new Problem(
                401,
                "unauthorized",
                "send the token of failover.http.auth-token as Authorization: Bearer"
            );
        }
        return CrossSite(request)
            ? new Problem(403, "cross-site", "a page of another site may not change anything here")
            : null;
    }

    /// <summary>Load balancers carry no token, and the dashboard's page holds nothing but what asks for one.</summary>
    private static bool Open(string path) => path == "/" || RoleRoutes.IsCheck(path);

    /// <summary>Compares digests, in constant time: neither the token's length nor a common beginning shows.</summary>
    private bool Authorized(ExchangeRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return false;
        var given = Digest(header.AsSpan(Bearer.Length).Trim().ToString());
        return CryptographicOperations.FixedTimeEquals(given, _token);
    }

    /// <summary>On its own, so that the cryptographic library is loaded only where there is a token.</summary>
    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>A browser names the page a change comes from; a page of elsewhere must not reach a node on localhost.</summary>
    private static bool CrossSite(ExchangeRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return false;
        if (request.Headers.Origin.ToString() is not { Length: > 0 } origin)
            return false;
        return !Uri.TryCreate(origin, UriKind.Absolute, out var from)
            || !string.Equals(from.Authority, request.Host, StringComparison.OrdinalIgnoreCase);
    }

    private static string Operation(string path, string method) =>
        path switch
        {
            "/state" => HttpMethods.IsPatch(method) ? "update" : "state",
            "/switchover" or "/failover" or "/rebalance" or "/pause" or "/resume" => "operate",
            "/maintenance/" or "/voters/" => "operate",
            "/cluster" or "/history" or "/config" or "/voters" or "/" => "view",
            _ when path.StartsWith("/api/", StringComparison.Ordinal) => "view",
            "/metrics" => "metrics",
            _ => "check",
        };
}
