namespace Akka.Cluster.Membership;

/// <summary>The current instant, as the shell's clocks show it.</summary>
/// <param name="Elapsed">On a monotonic clock; every wait is measured on it.</param>
/// <param name="UnixSeconds">On the wall clock; only dates removals, so that all nodes forget them at about the same time.</param>
internal readonly record struct Moment(TimeSpan Elapsed, long UnixSeconds)
{
    public static Moment operator +(Moment moment, TimeSpan time) =>
        new(moment.Elapsed + time, moment.UnixSeconds + (long)time.TotalSeconds);
}
