namespace Failover.Core.Leases;

/// <summary>How long a primary may rely on its voters.</summary>
public sealed record LeaseOptions
{
    /// <summary>How often a primary renews its lease (<c>failover.heartbeat.interval</c>).</summary>
    /// <value>Default 50 ms. Shorter finds death sooner and costs messages.</value>
    public TimeSpan Interval
    {
        get;
        init => field = Positive(value, nameof(Interval));
    } = TimeSpan.FromMilliseconds(50);

    /// <summary>For how long a heartbeat keeps a successor away (<c>failover.heartbeat.lease</c>).</summary>
    /// <value>Default 300 ms. It bounds the failover of a frozen or cut-off primary from below, and the longest pause that is not called death.</value>
    public TimeSpan Duration
    {
        get;
        init => field = Positive(value, nameof(Duration));
    } = TimeSpan.FromMilliseconds(300);

    /// <summary>How far two clocks' rates may differ, as a share.</summary>
    /// <value>0.05. The granting side waits that much longer than the holding side relies on.</value>
    public const double ClockRateTolerance = 0.05;

    private const double Margin = 1 + (2 * ClockRateTolerance);

    /// <summary>How long the granting side waits. Longer than <see cref="Duration"/> by the tolerated difference of clock rates.</summary>
    public TimeSpan GrantDuration => Duration * Margin;

    /// <summary>How long a grant outlives the last heartbeat of a process that the kernel says is gone.</summary>
    public TimeSpan GraceAfterDeath => Interval * 2;

    /// <summary>For how long a primary answers on the strength of a heartbeat that a majority has granted, from when it sent it.</summary>
    /// <remarks>
    /// Shorter than <see cref="Duration"/>, because any voter may shorten its grant to <see cref="GraceAfterDeath"/>, and
    /// what makes it do so can be untrue in a way that the primary does not notice: a firewall beside the primary that
    /// resets what the voters send, and lets the primary's own segments pass (ADR 13).
    /// </remarks>
    public TimeSpan Reliance => GraceAfterDeath / Margin < Duration ? GraceAfterDeath / Margin : Duration;

    /// <exception cref="ArgumentException">The lease is not at least twice the interval.</exception>
    public void Validate()
    {
        if (Duration < Interval * 2)
        {
            throw new ArgumentException(
                $"failover.heartbeat.lease ({Duration.TotalMilliseconds} ms) must be at least twice failover.heartbeat.interval ({Interval.TotalMilliseconds} ms)"
            );
        }
    }

    private static TimeSpan Positive(TimeSpan value, string name) =>
        value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(name, value, "must be positive");
}
