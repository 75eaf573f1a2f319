using System.Collections.Immutable;
using System.Globalization;
using Failover.Node.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Failover.Node.Http;

/// <summary>An error as a client gets it: an RFC 9457 problem document with a stable <c>reason</c> for programs.</summary>
/// <param name="Reason">A stable word for programs.</param>
/// <param name="Detail">One sentence for people; never a stack trace.</param>
internal sealed record Problem(int Status, string Reason, string Detail)
{
    public const string ContentType = "application/problem+json";

    /// <summary>Further members of the document; values are JSON text.</summary>
    public ImmutableArray<(string Name, string Json)> Members { get; init; } = [];

    /// <summary>What a 405 says is allowed.</summary>
    public string? Allow { get; init; }

    /// <summary>The current version, for 412.</summary>
    public long? Version { get; init; }

    public static Problem BadRequest(string reason, string detail) => new(400, reason, detail);

    public static Problem TooLarge(string limit, long allowed, string detail) =>
        new(413, "limit", detail)
        {
            Members = [("limit", $"\"{limit}\""), ("allowed", allowed.ToString(CultureInfo.InvariantCulture))],
        };

    public static Problem NotFound(string detail) => new(404, "not-found", detail);

    public static Problem Of(Refusal refusal) =>
        refusal.Reason switch
        {
            RefusalReason.NoPrimary => new(503, "no-primary", refusal.Detail),
            RefusalReason.NotEnoughReplicas => new(503, "not-enough-replicas", refusal.Detail),
            RefusalReason.Overloaded => new(503, "overloaded", refusal.Detail),
            RefusalReason.UnknownNode => new(404, "unknown-node", refusal.Detail),
            RefusalReason.Unreachable => new(503, "unreachable", refusal.Detail),
            RefusalReason.SessionExpired => new(409, "session-expired", refusal.Detail),
            RefusalReason.Conflict => new(409, "conflict", refusal.Detail),
            _ => new(500, "internal", refusal.Detail),
        };

    public Task Write(Exchange context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        if (Status == 503)
            headers.RetryAfter = "1";
        if (Allow is not null)
            headers.Allow = Allow;
        if (Version is > 0)
            headers.ETag = $"\"{Version}\"";
        return Answer.Json(
            response,
            this,
            static (json, problem) =>
            {
                json.WriteStartObject();
                json.WriteString("type", "about:blank");
                json.WriteString("title", ReasonPhrases.GetReasonPhrase(problem.Status));
                json.WriteNumber("status", problem.Status);
                json.WriteString("detail", problem.Detail);
                json.WriteString("reason", problem.Reason);
                if (problem.Version is { } version)
                    json.WriteNumber("version", version);
                foreach (var (name, value) in problem.Members)
                {
                    json.WritePropertyName(name);
                    json.WriteRawValue(value);
                }
                json.WriteEndObject();
            }
        );
    }
}

/// <summary>Ends a request with a problem document; thrown where a request proves to be malformed.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
