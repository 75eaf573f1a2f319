using System.Globalization;

namespace Failover.Client.Api;

/// <summary>Names one sequence of writes, so that a repeated request is answered and not carried out again.</summary>
/// <remarks>
/// The cluster remembers the last request number of each client id. So requests under way at the same time need
/// sessions of their own; one session is used by one caller at a time.
/// </remarks>
internal sealed class ClientSession(string id)
{
    private long _request;

    public string Id { get; } = id;

    public static ClientSession Create() => new(Guid.NewGuid().ToString("N"));

    public string NextRequest() => (++_request).ToString(CultureInfo.InvariantCulture);
}
