using System.Globalization;
using Failover.Node.Routing;
using Microsoft.Extensions.Primitives;

namespace Failover.Node.Http;

/// <summary>The headers that steer one request.</summary>
internal static class RequestHeaders
{
    private const int LongestClient = 128;

    /// <summary><c>Failover-Timeout-Ms</c> may ask for less patience than <paramref name="longest"/>, never for more.</summary>
    public static TimeSpan Timeout(ExchangeRequest request, TimeSpan longest)
    {
        if (!request.Headers.TryGetValue("Failover-Timeout-Ms", out var text))
            return longest;
        if (
            !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds < 1
        )
            throw Bad($"Failover-Timeout-Ms is '{text}'; send a whole number of milliseconds, 1 or more");
        return milliseconds < longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : longest;
    }

    /// <summary>The client's session mark; null when the client sent none.</summary>
    public static ClientStamp? Stamp(ExchangeRequest request)
    {
        var hasClient = request.Headers.TryGetValue("Failover-Client", out var client);
        var hasRequest = request.Headers.TryGetValue("Failover-Request", out var number);
        if (!hasClient && !hasRequest)
            return null;
        if (hasClient != hasRequest)
            throw Bad("Failover-Client and Failover-Request go together: send both or neither");
        if (client.ToString() is not { Length: > 0 and <= LongestClient } name)
            throw Bad($"Failover-Client must have 1 to {LongestClient} characters");
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
            throw Bad($"Failover-Request is '{number}'; send a whole number that grows with each request, 1 or more");
        if (!request.Headers.TryGetValue("Failover-Since", out var since))
            return new ClientStamp(name, count);
        if (!LogPositions.TryParse(since.ToString(), out var positions))
            throw Bad($"Failover-Since is '{since}'; send what an earlier answer had in Failover-Position");
        return new ClientStamp(name, count, positions);
    }

    /// <summary>
    /// What the key's version must be for the write to happen: null for any, 0 for "absent" (<c>If-None-Match: *</c>).
    /// </summary>
    public static long? ExpectedVersion(ExchangeRequest request)
    {
        var match = request.Headers.IfMatch;
        var noneMatch = request.Headers.IfNoneMatch;
        if (match.Count > 0 && noneMatch.Count > 0)
            throw Precondition("If-Match and If-None-Match exclude each other");
        if (noneMatch.Count > 0)
            return noneMatch == "*" ? 0 : throw Precondition("on a write only If-None-Match: * is understood");
        if (match.Count == 0)
            return null;
        return ParseVersion(match)
            ?? throw Precondition($"If-Match is '{match}'; send one version as the ETag gave it, for example \"12\"");
    }

    /// <summary>The version in a single strong entity tag, with or without its quotes; null when it is anything else.</summary>
    public static long? ParseVersion(StringValues tag)
    {
        var text = tag.ToString().AsSpan().Trim();
        if (text is ['"', .., '"'])
            text = text[1..^1];
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }

    private static ProblemException Bad(string detail) => new(Problem.BadRequest("bad-header", detail));

    private static ProblemException Precondition(string detail) => new(Problem.BadRequest("bad-precondition", detail));
}
