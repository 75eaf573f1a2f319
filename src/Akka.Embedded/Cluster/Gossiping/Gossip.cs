using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Gossiping;

/// <summary>What one node knows about the cluster; two of them merge into what both know.</summary>
/// <remarks>
/// <para>
/// A join-semilattice: member statuses only advance, removals leave tombstones that win, reachability rows carry their
/// observer's version. Merging is therefore commutative, associative and idempotent, and needs no vector clock: a node that
/// has seen a content has seen everything that led to it.
/// </para>
/// <para>
/// The seen set belongs to exactly one content. Whoever changes the content starts it anew with itself.
/// </para>
/// <para>Immutable; safe to share.</para>
/// </remarks>
internal sealed class Gossip
{
    public static readonly Gossip Empty = new(
        ImmutableSortedDictionary<UniqueAddress, Member>.Empty,
        Reachability.Empty,
        ImmutableDictionary<UniqueAddress, Tombstone>.Empty,
        []
    );

    private readonly Lazy<long> _digest;

    public Gossip(
        ImmutableSortedDictionary<UniqueAddress, Member> members,
        Reachability reachability,
        ImmutableDictionary<UniqueAddress, Tombstone> tombstones,
        ImmutableHashSet<UniqueAddress> seen
    )
    {
        // Members are equal when they are the same incarnation, and a dictionary keeps the old one of two equal values.
        Members = members.WithComparers(members.KeyComparer, MemberState.Comparer);
        Reachability = reachability;
        Tombstones = tombstones;
        Seen = seen;
        _digest = new Lazy<long>(ComputeDigest);
    }

    public ImmutableSortedDictionary<UniqueAddress, Member> Members { get; }

    public Reachability Reachability { get; }

    public ImmutableDictionary<UniqueAddress, Tombstone> Tombstones { get; }

    public ImmutableHashSet<UniqueAddress> Seen { get; }

    /// <summary>Equal on all nodes that hold the same content; heartbeats carry it, so that a lost gossip is noticed.</summary>
    public long Digest => _digest.Value;

    public bool Has(UniqueAddress node) => Members.ContainsKey(node);

    public Member? At(Address address) => Members.Values.FirstOrDefault(member => member.Address.Equals(address));

    public Gossip With(Member member) =>
        Change(Members.SetItem(member.UniqueAddress, member), Reachability, Tombstones);

    public Gossip With(Reachability reachability) => Change(Members, reachability, Tombstones);

    public Gossip Remove(UniqueAddress node, Tombstone tombstone)
    {
        var members = Members.Remove(node);
        return Change(members, Reachability.Only(members.ContainsKey), Tombstones.SetItem(node, tombstone));
    }

    public Gossip SeenBy(UniqueAddress node) =>
        Seen.Contains(node) ? this : new Gossip(Members, Reachability, Tombstones, Seen.Add(node));

    public Gossip OnlySeenBy(UniqueAddress node) => new(Members, Reachability, Tombstones, [node]);

    /// <summary>Forgets removals older than <paramref name="unixSeconds"/>.</summary>
    public Gossip WithoutTombstonesBefore(long unixSeconds) =>
        Tombstones.Values.All(tombstone => tombstone.UnixSeconds >= unixSeconds)
            ? this
            : new Gossip(
                Members,
                Reachability,
                Tombstones.Where(t => t.Value.UnixSeconds >= unixSeconds).ToImmutableDictionary(),
                Seen
            );

    /// <summary>Whether both say the same about members and reachability (who has seen it may differ).</summary>
    /// <remarks>Tombstones are left out: a node gets to a content only by the removals that lead to it, and forgetting an old one is no news.</remarks>
    public bool SameContentAs(Gossip other) =>
        ReferenceEquals(this, other)
        || (
            Members.Count == other.Members.Count
            && Members.Values.All(member =>
                other.Members.TryGetValue(member.UniqueAddress, out var theirs) && member.HasSameStateAs(theirs)
            )
            && Reachability.SameAs(other.Reachability)
        );

    public Gossip Merge(Gossip other)
    {
        var tombstones = MergeTombstones(other);
        var members = MergeMembers(other, tombstones);
        var reachability = Reachability.Merge(other.Reachability).Only(members.ContainsKey);
        var merged = new Gossip(members, reachability, tombstones, []);

        var seen = (merged.SameContentAs(this), merged.SameContentAs(other)) switch
        {
            (true, true) => Seen.Union(other.Seen),
            (true, false) => Seen,
            (false, true) => other.Seen,
            (false, false) => [],
        };
        return new Gossip(members, reachability, tombstones, seen.Intersect(members.Keys));
    }

    /// <summary>Whom a member that still counts cannot hear.</summary>
    /// <remarks>A downed observer is on its way out; what it says must not keep others from going on.</remarks>
    public ImmutableHashSet<UniqueAddress> Unreachable(UniqueAddress self) =>
        Reachability
            .UnreachableTo(observer =>
                Members.TryGetValue(observer, out var member) && member.Status != MemberStatus.Down
            )
            .Remove(self);

    private static Gossip Change(
        ImmutableSortedDictionary<UniqueAddress, Member> members,
        Reachability reachability,
        ImmutableDictionary<UniqueAddress, Tombstone> tombstones
    ) => new(members, reachability, tombstones, []);

    private ImmutableDictionary<UniqueAddress, Tombstone> MergeTombstones(Gossip other)
    {
        var tombstones = Tombstones.ToBuilder();
        foreach (var (node, theirs) in other.Tombstones)
            tombstones[node] = tombstones.TryGetValue(node, out var ours) ? Tombstone.Merge(ours, theirs) : theirs;
        return tombstones.ToImmutable();
    }

    private ImmutableSortedDictionary<UniqueAddress, Member> MergeMembers(
        Gossip other,
        ImmutableDictionary<UniqueAddress, Tombstone> tombstones
    )
    {
        var members = Members.ToBuilder();
        foreach (var (node, theirs) in other.Members)
            members[node] = members.TryGetValue(node, out var ours) ? Member.Merge(ours, theirs) : theirs;
        members.RemoveRange(members.Keys.Where(tombstones.ContainsKey).ToArray());
        return members.ToImmutable();
    }

    /// <summary>
    /// FNV-1a, finished as in MurmurHash3. The nodes trust each other: a cryptographic hash would only load a library of
    /// several megabytes into every process.
    /// </summary>
    private long ComputeDigest()
    {
        using var bytes = new MemoryStream();
        GossipCodec.WriteContent(this, bytes);
        var hash = 0xcbf29ce484222325UL;
        foreach (var one in bytes.GetBuffer().AsSpan(0, (int)bytes.Length))
            hash = unchecked((hash ^ one) * 0x100000001b3UL);
        hash = unchecked((hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL);
        hash = unchecked((hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL);
        return (long)(hash ^ (hash >> 33));
    }
}

file sealed class MemberState : IEqualityComparer<Member>
{
    public static readonly MemberState Comparer = new();

    public bool Equals(Member? x, Member? y) => x is null ? y is null : y is not null && x.HasSameStateAs(y);

    public int GetHashCode(Member member) => member.GetHashCode();
}
