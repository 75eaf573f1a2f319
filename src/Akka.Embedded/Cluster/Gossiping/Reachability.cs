using System.Collections.Immutable;

namespace Akka.Cluster.Gossiping;

/// <summary>What every observer says about the nodes it watches.</summary>
/// <remarks>
/// Only the observer itself changes its row and counts its version up, so two tables merge by taking each row's
/// newest version: no order of delivery can bring an old observation back. An empty row stays, because its version says
/// that the observer took its suspicion back.
/// </remarks>
internal sealed class Reachability
{
    public static readonly Reachability Empty = new(ImmutableSortedDictionary<UniqueAddress, Row>.Empty);

    private Reachability(ImmutableSortedDictionary<UniqueAddress, Row> rows) => Rows = rows;

    /// <param name="Version">Counts the observer's changes of mind.</param>
    /// <param name="Unreachable">Whom it cannot hear.</param>
    internal sealed record Row(long Version, ImmutableSortedSet<UniqueAddress> Unreachable)
    {
        public bool SameAs(Row other) => Version == other.Version && Unreachable.SetEquals(other.Unreachable);
    }

    public ImmutableSortedDictionary<UniqueAddress, Row> Rows { get; }

    public static Reachability FromRows(IEnumerable<KeyValuePair<UniqueAddress, Row>> rows) =>
        new(rows.ToImmutableSortedDictionary());

    public bool Suspects(UniqueAddress observer, UniqueAddress subject) =>
        Rows.TryGetValue(observer, out var row) && row.Unreachable.Contains(subject);

    public Reachability Suspect(UniqueAddress observer, UniqueAddress subject) =>
        Change(observer, unreachable => unreachable.Add(subject));

    public Reachability Trust(UniqueAddress observer, UniqueAddress subject) =>
        Change(observer, unreachable => unreachable.Remove(subject));

    public Reachability Merge(Reachability other)
    {
        if (ReferenceEquals(this, other))
            return this;

        var rows = Rows.ToBuilder();
        foreach (var (observer, theirs) in other.Rows)
            if (!rows.TryGetValue(observer, out var ours) || ours.Version < theirs.Version)
                rows[observer] = theirs;

        return new Reachability(rows.ToImmutable());
    }

    /// <summary>The table without those who are no longer members, as observers or as subjects.</summary>
    public Reachability Only(Func<UniqueAddress, bool> isMember)
    {
        if (Rows.All(row => isMember(row.Key) && row.Value.Unreachable.All(isMember)))
            return this;

        return FromRows(
            Rows.Where(row => isMember(row.Key))
                .Select(row =>
                    KeyValuePair.Create(
                        row.Key,
                        row.Value with
                        {
                            Unreachable = [.. row.Value.Unreachable.Where(isMember)],
                        }
                    )
                )
        );
    }

    /// <summary>Everyone whom at least one of the accepted observers cannot hear.</summary>
    public ImmutableHashSet<UniqueAddress> UnreachableTo(Func<UniqueAddress, bool> acceptsObserver) =>
        [.. Rows.Where(row => acceptsObserver(row.Key)).SelectMany(row => row.Value.Unreachable)];

    public bool SameAs(Reachability other) =>
        ReferenceEquals(this, other)
        || (
            Rows.Count == other.Rows.Count
            && Rows.All(row => other.Rows.TryGetValue(row.Key, out var theirs) && row.Value.SameAs(theirs))
        );

    private Reachability Change(
        UniqueAddress observer,
        Func<ImmutableSortedSet<UniqueAddress>, ImmutableSortedSet<UniqueAddress>> change
    )
    {
        var row = Rows.GetValueOrDefault(observer) ?? new Row(0, []);
        var changed = change(row.Unreachable);
        return ReferenceEquals(changed, row.Unreachable)
            ? this
            : new Reachability(Rows.SetItem(observer, new Row(row.Version + 1, changed)));
    }
}
