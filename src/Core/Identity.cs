namespace Failover.Core;

/// <summary>A node's configured name (<c>failover.node</c>); unique in the formation and compared ordinally.</summary>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value ?? "";
}

/// <summary>One run of a node's process. Grows with every start, so a larger one proves that the smaller one is dead.</summary>
public readonly record struct Incarnation(long Value) : IComparable<Incarnation>
{
    public int CompareTo(Incarnation other) => Value.CompareTo(other.Value);

    public static bool operator <(Incarnation left, Incarnation right) => left.Value < right.Value;

    public static bool operator >(Incarnation left, Incarnation right) => left.Value > right.Value;

    public static bool operator <=(Incarnation left, Incarnation right) => left.Value <= right.Value;

    public static bool operator >=(Incarnation left, Incarnation right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>One life of a node's data: made when its data directory is created empty, gone when the data is lost.</summary>
public readonly record struct DataId(Guid Value)
{
    public override string ToString() => Value.ToString("N")[..8];
}

/// <summary>A replica is a node together with the data it holds: a node that lost its data is another replica.</summary>
public readonly record struct ReplicaId(NodeId Node, DataId Data)
{
    public override string ToString() => $"{Node}/{Data}";
}

/// <summary>The identity of a whole formation, chosen once when its first state is committed.</summary>
public readonly record struct FormationId(Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>One replicated map with its own primary, numbered from 0.</summary>
public readonly record struct PartitionId(int Value) : IComparable<PartitionId>
{
    public int CompareTo(PartitionId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The reign of one primary of one partition. Replicas refuse whatever comes from an older one.</summary>
public readonly record struct Epoch(long Value) : IComparable<Epoch>
{
    public static readonly Epoch None;

    public Epoch Next => new(Value + 1);

    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);

    public static bool operator <(Epoch left, Epoch right) => left.Value < right.Value;

    public static bool operator >(Epoch left, Epoch right) => left.Value > right.Value;

    public static bool operator <=(Epoch left, Epoch right) => left.Value <= right.Value;

    public static bool operator >=(Epoch left, Epoch right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>
/// Where an entry stands in a partition's log. <paramref name="Sequence"/> counts entries from 1 without gaps;
/// the zero position stands before the first entry. Two logs that hold the same position hold the same
/// entries up to it (Raft's log matching property, §5.3).
/// </summary>
public readonly record struct Position(Epoch Epoch, long Sequence) : IComparable<Position>
{
    public static readonly Position Zero;

    public int CompareTo(Position other)
    {
        var byEpoch = Epoch.CompareTo(other.Epoch);
        return byEpoch != 0 ? byEpoch : Sequence.CompareTo(other.Sequence);
    }

    public static bool operator <(Position left, Position right) => left.CompareTo(right) < 0;

    public static bool operator >(Position left, Position right) => left.CompareTo(right) > 0;

    public static bool operator <=(Position left, Position right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Position left, Position right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Epoch}:{Sequence}";
}

/// <summary>Wall-clock time in Unix milliseconds. For people reading history only: no decision compares two of them.</summary>
public readonly record struct WallTime(long UnixMilliseconds);
