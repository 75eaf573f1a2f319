using Failover.Core.Views;

namespace Failover.Core.Leases;

/// <summary>A voter's side of the leases: to whom it has promised not to accept a successor, and until when.</summary>
/// <remarks>
/// Volatile by design. A voter that has just started does not know what it promised before, so it refuses every
/// deposition for one full lease. One owner drives it.
/// </remarks>
public sealed class LeaseGrants(LeaseOptions options, Instant? unknownSince)
{
    private readonly Dictionary<PartitionId, Grant> _grants = [];
    private readonly Dictionary<NodeId, Incarnation> _newest = [];

    /// <summary>When each partition's lease was last given back, on the clock of whoever gave it back.</summary>
    private readonly Dictionary<PartitionId, (NodeId Holder, Incarnation Incarnation, Instant SentAt)> _releases = [];

    /// <summary>Until when promises made before the start may still bind; null when there were none.</summary>
    private readonly Instant? _quarantineEnds = unknownSince + options.GrantDuration;

    private sealed record Grant(
        NodeId Holder,
        Incarnation Incarnation,
        Epoch Epoch,
        long Known,
        Instant SentAt,
        Instant Since,
        Instant Ends
    );

    /// <summary>A process of <paramref name="node"/> was seen: whatever an older one of it held is void.</summary>
    /// <returns>Whether it held anything.</returns>
    public bool Saw(NodeId node, Incarnation incarnation)
    {
        if (_newest.TryGetValue(node, out var known) && known >= incarnation)
            return false;
        _newest[node] = incarnation;
        var held = false;
        foreach (var (partition, grant) in _grants.ToArray())
        {
            if (grant.Holder == node && grant.Incarnation < incarnation)
                held |= _grants.Remove(partition);
        }

        return held;
    }

    /// <summary>The primary of <paramref name="epoch"/> renews its lease.</summary>
    /// <param name="known">The newest version that the primary knows: it counts that version's voters.</param>
    /// <param name="sentAt">On the holder's clock.</param>
    /// <param name="state">What this voter has accepted.</param>
    /// <returns>Whether the lease is granted.</returns>
    public bool Renew(
        PartitionId partition,
        NodeId holder,
        Incarnation incarnation,
        Epoch epoch,
        long known,
        Instant sentAt,
        FormationState? state,
        Instant now
    )
    {
        // It counts voters that no longer decide.
        if (known < state?.LeasesNeed)
            return false;
        var accepted = state?.ViewOf(partition);
        if (
            accepted is not null
            && (accepted.Epoch > epoch || (accepted.Epoch == epoch && accepted.Primary.Node != holder))
        )
            return false;
        if (_newest.TryGetValue(holder, out var newest) && newest > incarnation)
            return false;
        if (_grants.TryGetValue(partition, out var grant) && grant.Epoch > epoch)
            return false;
        if (WasReleased(partition, holder, incarnation, sentAt))
            return false;
        // Overtaken by a later claim, it still counts from now: the grant must not end before the holder's reliance on it.
        var newestSentAt =
            grant is not null && grant.Incarnation == incarnation && grant.SentAt > sentAt ? grant.SentAt : sentAt;
        _grants[partition] = new Grant(
            holder,
            incarnation,
            epoch,
            known,
            newestSentAt,
            now,
            now + options.GrantDuration
        );
        return true;
    }

    private bool WasReleased(PartitionId partition, NodeId holder, Incarnation incarnation, Instant sentAt) =>
        _releases.TryGetValue(partition, out var release)
        && (release.Holder, release.Incarnation) == (holder, incarnation)
        && sentAt < release.SentAt;

    /// <summary>The holder gave its lease back: it serves no more in <paramref name="epoch"/> unless it is granted anew.</summary>
    /// <remarks>
    /// Messages may overtake each other: (1) the holder gives the lease back, (2) it claims again, in the same epoch,
    /// (3) the claim arrives and is granted, (4) the release arrives. The grant of (3) stands. The other way round, a claim
    /// that was sent before the release grants nothing after it.
    /// </remarks>
    /// <param name="sentAt">On the holder's clock.</param>
    /// <returns>Whether it had one.</returns>
    public bool Release(PartitionId partition, NodeId holder, Incarnation incarnation, Epoch epoch, Instant sentAt)
    {
        if (!WasReleased(partition, holder, incarnation, sentAt))
            _releases[partition] = (holder, incarnation, sentAt);
        return _grants.TryGetValue(partition, out var grant)
            && (grant.Holder, grant.Incarnation, grant.Epoch) == (holder, incarnation, epoch)
            && grant.SentAt <= sentAt
            && _grants.Remove(partition);
    }

    /// <summary>The kernel says that the process is gone: its connections closed and its port refuses.</summary>
    /// <returns>Whether anything that it held ends earlier now.</returns>
    public bool ProcessGone(NodeId node, Incarnation incarnation)
    {
        var shortened = false;
        foreach (var (partition, grant) in _grants.ToArray())
        {
            if (grant.Holder != node || grant.Incarnation != incarnation)
                continue;
            var ends = grant.Since + options.GraceAfterDeath;
            if (ends >= grant.Ends)
                continue;
            _grants[partition] = grant with { Ends = ends };
            shortened = true;
        }

        return shortened;
    }

    /// <summary>How long <paramref name="next"/> must wait, because it deposes somebody who holds a lease.</summary>
    /// <param name="accepted">What this voter has accepted so far.</param>
    /// <returns>Null when nothing stands in its way.</returns>
    public HeldLease? Blocks(FormationState next, FormationState? accepted, Instant now)
    {
        HeldLease? longest = null;
        foreach (var lease in Held(accepted, now))
        {
            if (next.ViewOf(lease.Partition)?.Epoch > lease.Epoch && !(longest?.Remaining >= lease.Remaining))
                longest = lease;
        }

        return longest ?? BlockedOutdated(next, accepted, now) ?? BlockedUnseen(next, accepted, now);
    }

    /// <summary>
    /// A holder that has not heard of a change of voters counts the former ones alone. It must have lost its lease, or
    /// know better, before the former ones may be forgotten.
    /// </summary>
    private HeldLease? BlockedOutdated(FormationState next, FormationState? accepted, Instant now)
    {
        if (Mutant.IgnoreGrant)
            return null;
        foreach (var (partition, grant) in _grants)
        {
            if (grant.Ends > now && grant.Known < next.LeasesNeed)
                return new HeldLease(partition, grant.Epoch, grant.Holder, grant.Ends - now);
        }

        return _quarantineEnds is { } ends && ends > now && next.LeasesNeed > (accepted?.LeasesNeed ?? 0)
            ? new HeldLease(default, Epoch.None, default, ends - now)
            : null;
    }

    /// <summary>
    /// A lease is also granted to a primary whose view this voter has not accepted yet. After a restart nothing tells of
    /// such a grant, so until it must have run out every view but a first one may depose its holder.
    /// </summary>
    private HeldLease? BlockedUnseen(FormationState next, FormationState? accepted, Instant now)
    {
        if (_quarantineEnds is not { } ends || ends <= now || Mutant.IgnoreGrant)
            return null;
        foreach (var (partition, view) in next.Views)
        {
            if (accepted?.ViewOf(partition) is null && view.Epoch > Epoch.None.Next && !_grants.ContainsKey(partition))
                return new HeldLease(partition, Epoch.None, default, ends - now);
        }

        return null;
    }

    /// <summary>The promises that bind now.</summary>
    /// <param name="accepted">What this voter has accepted so far: after a restart it may have promised something to its primaries.</param>
    public IReadOnlyList<HeldLease> Held(FormationState? accepted, Instant now)
    {
        List<HeldLease> held = [];
        if (Mutant.IgnoreGrant)
            return held;
        foreach (var (partition, grant) in _grants)
        {
            if (grant.Ends > now)
                held.Add(new HeldLease(partition, grant.Epoch, grant.Holder, grant.Ends - now));
        }

        if (_quarantineEnds is not { } ends || ends <= now || accepted is null)
            return held;
        foreach (var (partition, view) in accepted.Views)
        {
            if (!_grants.ContainsKey(partition))
                held.Add(new HeldLease(partition, view.Epoch, view.Primary.Node, ends - now));
        }

        return held;
    }
}
