using System.Globalization;
using System.Text.Json;
using Failover.Core;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>Health and role checks for load balancers: the status is the answer, the body explains it.</summary>
internal sealed class RoleRoutes(HttpOptions options, INodeService service)
{
    private static readonly string[] Methods = ["GET", "HEAD", "OPTIONS"];

    private static readonly HashSet<string> Paths = new(StringComparer.OrdinalIgnoreCase)
    {
        "/kv-store/v1/health",
        "/health",
        "/liveness",
        "/readiness",
        "/primary",
        "/leader",
        "/read-write",
        "/standby",
        "/replica",
        "/read-only",
        "/sync",
    };

    /// <summary>Whether the path is a health or role check: those need no token, and answer OPTIONS with their status.</summary>
    public static bool IsCheck(string path) => Paths.Contains(path.TrimEnd('/'));

    public void Map(RouteTable routes)
    {
        Check(routes, "/kv-store/v1/health", StoreHealth);
        Check(routes, "/health", Health);
        Check(routes, "/liveness", Liveness);
        Check(routes, "/readiness", Readiness);
        foreach (var path in (string[])["/primary", "/leader", "/read-write"])
            Role(routes, path, "primary", (check, _) => check.IsPrimary);
        foreach (var path in (string[])["/standby", "/replica"])
            Role(routes, path, "standby", (check, lag) => check.IsStandby(lag));
        Role(routes, "/read-only", "readable", (check, lag) => check.IsPrimary || check.IsStandby(lag));
        Role(routes, "/sync", "sync", (check, _) => check.IsSync);
    }

    private Task StoreHealth(Exchange context)
    {
        var document = Views.Store(service.Current, service.Self, options.RetryAttempts);
        if (document.Status == "unhealthy")
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "1";
        }
        return Answer.Json(context.Response, document, Documents.Default.StoreHealth);
    }

    private Task Health(Exchange context)
    {
        var health = Views.Health(service.Current, service.Self);
        if (health.Reasons.Count == 0)
            return Answer.Json(context.Response, health, Documents.Default.NodeHealth);
        var reasons = JsonSerializer.Serialize([.. health.Reasons], Documents.Default.StringArray);
        return new Problem(503, "unhealthy", string.Join("; ", health.Reasons))
        {
            Members = [Text("node", service.Self.Value), ("reasons", reasons)],
        }.Write(context);
    }

    private Task Liveness(Exchange context) =>
        Answer.Json(context.Response, new("alive", service.Self.Value), Documents.Default.ProcessDocument);

    /// <summary>Whether a request routed through this node would be answered now: for one partition, or for all of them.</summary>
    private Task Readiness(Exchange context)
    {
        var now = service.Current;
        var asked = AskedPartition(context.Request);
        var partitions = now.Partitions.Where(p => asked is null || p.Partition == asked).ToList();
        if (partitions.Count > 0 && partitions.All(p => p.Serving))
            return Answer.Json(context.Response, new("ready", service.Self.Value), Documents.Default.ProcessDocument);
        var waiting = partitions.Where(p => !p.Serving).Select(p => p.Partition);
        var detail =
            partitions.Count == 0
                ? "no partition is known yet"
                : $"no serving primary is known for partition {string.Join(", ", waiting)}";
        return new Problem(503, "not-ready", detail) { Members = [Text("node", service.Self.Value)] }.Write(context);
    }

    private void Role(RouteTable routes, string path, string wanted, Func<RoleChecks, long?, bool> holds) =>
        Check(
            routes,
            path,
            context =>
            {
                var partition = AskedPartition(context.Request) ?? new PartitionId(0);
                var lag = AskedLag(context.Request);
                var check = RoleChecks.Of(service.Current, service.Self, partition);
                var role = check.Describe(partition);
                if (holds(check, lag))
                    return Answer.Json(context.Response, role, Documents.Default.RoleDocument);
                var place = role.InSync ? "in sync" : "not in sync";
                var serving = role.Serving ? "serving" : "not serving";
                return new Problem(
                    503,
                    $"not-{wanted}",
                    $"{role.Node} is {role.Role} of partition {role.Partition}, {place}; the partition is {serving}"
                )
                {
                    Members =
                    [
                        Text("node", role.Node),
                        Text("role", role.Role),
                        ("partition", role.Partition.ToString(CultureInfo.InvariantCulture)),
                        ("lag", role.Lag?.ToString(CultureInfo.InvariantCulture) ?? "null"),
                    ],
                }.Write(context);
            }
        );

    /// <summary>As Patroni does: GET with a document, HEAD and OPTIONS with the same status and no body.</summary>
    private static void Check(RouteTable routes, string path, Func<Exchange, Task> answer)
    {
        foreach (var method in Methods)
            routes.Add(method, path, Answering);

        Task Answering(Exchange context)
        {
            if (HttpMethods.IsOptions(context.Request.Method))
                context.Response.Headers.Allow = "GET, HEAD, OPTIONS";
            context.Response.Headers.CacheControl = "no-store";
            return answer(context);
        }
    }

    public static PartitionId? AskedPartition(ExchangeRequest request)
    {
        if (request.Query("partition") is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new PartitionId(number)
            : throw new ProblemException(Problem.BadRequest("bad-query", $"partition is '{text}'; send its number"));
    }

    private static long? AskedLag(ExchangeRequest request)
    {
        if (request.Query("lag") is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ProblemException(
                Problem.BadRequest("bad-query", $"lag is '{text}'; send a number of log entries")
            );
    }

    private static (string, string) Text(string name, string value) =>
        (name, JsonSerializer.Serialize(value, Documents.Default.String));
}
