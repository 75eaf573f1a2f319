namespace Failover.Core;

/// <summary>A point on one process's monotonic clock. Instants of different processes cannot be compared.</summary>
public readonly record struct Instant(TimeSpan SinceStart) : IComparable<Instant>
{
    public static readonly Instant Zero;

    public int CompareTo(Instant other) => SinceStart.CompareTo(other.SinceStart);

    public static Instant operator +(Instant left, TimeSpan right) => new(left.SinceStart + right);

    public static Instant operator -(Instant left, TimeSpan right) => new(left.SinceStart - right);

    public static TimeSpan operator -(Instant left, Instant right) => left.SinceStart - right.SinceStart;

    public static bool operator <(Instant left, Instant right) => left.SinceStart < right.SinceStart;

    public static bool operator >(Instant left, Instant right) => left.SinceStart > right.SinceStart;

    public static bool operator <=(Instant left, Instant right) => left.SinceStart <= right.SinceStart;

    public static bool operator >=(Instant left, Instant right) => left.SinceStart >= right.SinceStart;

    /// <summary>The earlier of two deadlines, where null means "none".</summary>
    public static Instant? Earliest(Instant? left, Instant? right) =>
        (left, right) switch
        {
            (null, _) => right,
            (_, null) => left,
            ({ } a, { } b) => a < b ? a : b,
        };

    public override string ToString() => $"{SinceStart.TotalMilliseconds:0.###} ms";
}
