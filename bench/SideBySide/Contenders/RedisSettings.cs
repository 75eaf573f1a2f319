using System.Globalization;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>What differs between the ways that Redis is run here.</summary>
/// <param name="Persistence">Lines of a server's configuration.</param>
/// <param name="Waits">Whether a write counts only when a replica confirmed it (WAIT 1).</param>
/// <param name="DownAfter">Sentinel's <c>down-after-milliseconds</c>.</param>
internal sealed record RedisSettings(string[] Persistence, bool Waits, TimeSpan DownAfter)
{
    public static readonly string[] SyncedEverySecond = ["appendonly yes", "appendfsync everysec", "save \"\""];
    public static readonly string[] SyncedAlways = ["appendonly yes", "appendfsync always", "save \"\""];
    public static readonly string[] InMemory = ["appendonly no", "save \"\""];

    public string DownAfterMilliseconds => DownAfter.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
}
