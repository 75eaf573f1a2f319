using System.Globalization;

namespace Failover.Client.Api;

/// <summary>Names one sequence of writes, so that a repeated request is answered and not carried out again.</summary>
/// <remarks>
/// The cluster remembers the last request number of each client id. So requests under way at the same time need
/// sessions of their own; one session is used by one caller at a time. It does not remember every client for ever: how far
/// the log had come before a request was sent first (<see cref="Since"/>) tells a retry that it forgot from a new request.
/// </remarks>
internal sealed class ClientSession(string id)
{
    private long _request;

    public string Id { get; } = id;

    /// <summary>What the newest answer had in <c>Failover-Position</c>; null before there was one.</summary>
    public string? Since { get; private set; }

    /// <summary>When that was (a timestamp of the caller's <see cref="TimeProvider"/>).</summary>
    public long HeardAt { get; private set; }

    public void Heard(string position, long at) => (Since, HeardAt) = (position, at);

    public static ClientSession Create() => new(Guid.NewGuid().ToString("N"));

    public string NextRequest() => (++_request).ToString(CultureInfo.InvariantCulture);
}
