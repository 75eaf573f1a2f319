namespace Failover.Node.Http;

/// <summary>How the HTTP front listens and what it accepts (<c>failover.http</c>, <c>failover.limits</c>).</summary>
internal sealed record HttpOptions
{
    /// <summary>An IP address, <c>localhost</c>, <c>*</c> for every address, or a host name that is resolved at start.</summary>
    /// <value>Default 127.0.0.1: nothing outside this machine can connect.</value>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port; 0 lets the system choose a free one.</summary>
    public int Port
    {
        get;
        init =>
            field = value is >= 0 and <= 65535
                ? value
                : throw new ArgumentOutOfRangeException(nameof(Port), value, "failover.http.port must be 0 to 65535.");
    }

    /// <summary>When not empty, <c>Authorization: Bearer</c> must carry it on everything but health and role checks.</summary>
    public string AuthToken { get; init; } = "";

    /// <summary>How long a request may wait for a primary; the header <c>Failover-Timeout-Ms</c> lowers it for one request.</summary>
    /// <value>Default 10 s. Too short turns a failover's delay into errors; too long lets requests pile up.</value>
    public TimeSpan RequestTimeout
    {
        get;
        init =>
            field =
                value > TimeSpan.Zero
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(RequestTimeout), value, "Must be positive.");
    } = TimeSpan.FromSeconds(10);

    public HttpLimits Limits { get; init; } = new();

    /// <summary>A comment on an idle event stream, so that both ends notice a dead connection.</summary>
    /// <value>Default 15 s.</value>
    public TimeSpan EventHeartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Events kept for one slow reader of <c>GET /events</c>; past that the oldest are dropped and the reader is told.</summary>
    public int EventBacklog { get; init; } = 256;

    /// <summary>How many may read <c>GET /events</c> at a time; further ones get 503.</summary>
    public int EventStreams { get; init; } = 256;

    /// <summary>How often a node sends a held request again before it gives up; told by seed 001's health document.</summary>
    public int RetryAttempts { get; init; } = 3;

    /// <summary>This run of the process, as <c>/api/failover/status</c> tells it.</summary>
    public string InstanceId { get; init; } = Guid.NewGuid().ToString("D");

    /// <summary>The effective configuration as HOCON text, secrets already masked.</summary>
    public Func<string> Configuration { get; init; } = () => "";
}

/// <summary>What one request may carry; past it the answer is 413 and names the limit.</summary>
internal sealed record HttpLimits
{
    /// <value>Default 1 KiB of UTF-8.</value>
    public int Key
    {
        get;
        init => field = Positive(value, "key");
    } = 1024;

    /// <value>Default 1 MiB of compact JSON in UTF-8.</value>
    public int Value
    {
        get;
        init => field = Positive(value, "value");
    } = 1024 * 1024;

    /// <value>Default 1,000 entries in one atomic update.</value>
    public int UpdateEntries
    {
        get;
        init => field = Positive(value, "update-entries");
    } = 1000;

    /// <value>Default 8 MiB. One body is held in memory while its request is parsed.</value>
    public int Body
    {
        get;
        init => field = Positive(value, "body");
    } = 8 * 1024 * 1024;

    private static int Positive(int value, string key) =>
        value > 0
            ? value
            : throw new ArgumentOutOfRangeException(key, value, $"failover.limits.{key} must be positive.");
}
