using System.Collections.Immutable;
using Failover.Core.Views;

namespace Failover.Core.Leases;

/// <summary>The primary's side of its lease: what its voters granted, and until when a majority of the grants holds.</summary>
/// <remarks>One owner drives it. All instants are on the holder's own clock; a grant counts from when its heartbeat was sent.</remarks>
public sealed class LeaseHold(LeaseOptions options)
{
    private readonly Dictionary<NodeId, Instant> _sentAt = [];
    private Epoch _epoch;

    /// <summary>Grants to heartbeats sent until then were given back.</summary>
    private Instant? _releasedAt;

    /// <summary>When a majority was last held, or could last be expected to be.</summary>
    private Instant? _fruitfulAt;
    private Instant? _restsUntil;

    /// <summary>The epoch whose grants count.</summary>
    public Epoch Epoch => _epoch;

    /// <summary>Starts anew for an epoch: what was granted for another one counts no more.</summary>
    public void Begin(Epoch epoch)
    {
        _epoch = epoch;
        _releasedAt = null;
        _fruitfulAt = null;
        _restsUntil = null;
        _sentAt.Clear();
    }

    /// <summary>
    /// Whether the holder should give its grants back for a while instead of claiming on. A primary that cannot reach a
    /// majority serves nobody, but the one grant it keeps renewing can forbid a successor for ever:
    /// (1) one voter has accepted the successor's view and grants no more, (2) another voter is dead, (3) the old
    /// primary renews at the third, so that no majority may accept.
    /// </summary>
    public bool Rests(Electorate voters, Instant now)
    {
        if (_restsUntil is { } until && now < until)
            return true;
        if (_restsUntil is not null || _fruitfulAt is null || HeldUntil(voters) > now)
        {
            _restsUntil = null;
            _fruitfulAt = now;
            return false;
        }

        if (now - _fruitfulAt <= options.Duration * 3)
            return false;
        _restsUntil = now + options.GrantDuration;
        Release(now);
        return true;
    }

    /// <summary>
    /// Gives the lease back. An answer to an earlier heartbeat may still be under way; the voter has forgotten that
    /// grant when it hears of the release, so it must not count if the lease is claimed again in the same epoch.
    /// </summary>
    public void Release(Instant now)
    {
        _releasedAt = now;
        _sentAt.Clear();
    }

    /// <summary>A voter granted the lease in answer to the heartbeat sent at <paramref name="sentAt"/>.</summary>
    public void Granted(NodeId voter, Epoch epoch, Instant sentAt)
    {
        if (epoch != _epoch || sentAt <= _releasedAt)
            return;
        // Answers may overtake each other; only the newest heartbeat counts.
        if (!_sentAt.TryGetValue(voter, out var known) || known < sentAt)
            _sentAt[voter] = sentAt;
    }

    /// <summary>The connection to a voter broke: it may be gone, and what it granted with it.</summary>
    public void Forget(NodeId voter) => _sentAt.Remove(voter);

    /// <summary>Until when a majority of <paramref name="voters"/> keeps its grant whatever it hears; null if there is no such majority.</summary>
    public Instant? HeldUntil(Electorate voters)
    {
        var held = HeldUntil(voters.Voters);
        if (voters.Former.IsEmpty || held is null || HeldUntil(voters.Former) is not { } former)
            return voters.Former.IsEmpty ? held : null;
        return former < held ? former : held;
    }

    private Instant? HeldUntil(ImmutableArray<NodeId> voters)
    {
        var needed = FormationState.MajorityOf(voters.Length);
        Span<long> newest = voters.Length <= 32 ? stackalloc long[voters.Length] : new long[voters.Length];
        var count = 0;
        foreach (var voter in voters)
        {
            if (_sentAt.TryGetValue(voter, out var at))
                newest[count++] = at.SinceStart.Ticks;
        }

        if (count < needed)
            return null;
        newest = newest[..count];
        newest.Sort();
        return new Instant(TimeSpan.FromTicks(newest[count - needed])) + options.Reliance;
    }
}
