using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Core.Detection;

/// <summary>When each of the other nodes is owed this node's next heartbeat, and how soon it is promised the one after.</summary>
/// <remarks>
/// A claimant's heartbeats go to everybody each interval. Of all other nodes, an answer to a claim says what a heartbeat
/// would have said, and takes its place; and whoever leads nothing beats slower while all is settled (ADR 18). So does, a little, a
/// claimant whom nobody has asked anything for a while. One owner drives it.
/// </remarks>
public sealed class HeartbeatPace(DetectionOptions options)
{
    /// <summary>From when on a peer is owed a heartbeat; at once if it is not in here.</summary>
    private readonly Dictionary<NodeId, Instant> _owedFrom = [];
    private NodeReport? _told;
    private bool _claims;
    private bool _rests;
    private bool _dozes;

    /// <summary>After how long without a request a claimant takes it easier.</summary>
    public static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(1);

    /// <summary>Nobody has asked this node's replicas anything for <see cref="QuietAfter"/>. To be kept true before each <see cref="Says"/>.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>This node claims leases and beats slower all the same. The first request should make it beat at once.</summary>
    public bool Dozes => _dozes;

    /// <summary>From one beat to the next.</summary>
    public TimeSpan BeatEvery => _dozes ? options.QuietInterval : options.Interval;

    /// <summary>What this node says from now on, in heartbeats and in answers. News, and the end of rest, are owed to all at once.</summary>
    /// <param name="state">The newest committed one that is known here.</param>
    /// <param name="heard">What another node says, if it counts as alive.</param>
    /// <returns>Whether everybody is owed a heartbeat now.</returns>
    public bool Says(NodeReport report, FormationState? state, Func<NodeId, NodeReport?> heard)
    {
        var isSettled = (IsQuiet || LeadsNothing(report)) && IsServed(state, report, heard);
        var rests = isSettled && LeadsNothing(report);
        var isNews = _told is null || report.Version != _told.Version || report.DiffersFrom(_told);
        var hurries = isNews || (_rests && !rests);
        if (hurries)
            OweAll();
        _rests = rests;
        _claims = Claims(report);
        _dozes = isSettled && IsQuiet && _claims && !isNews;
        _told = report;
        return hurries;
    }

    /// <summary>Everybody is to hear of this node at once.</summary>
    public void OweAll() => _owedFrom.Clear();

    /// <summary>What a heartbeat to <paramref name="peer"/> promises. Only one that is heard, and that understands, can bear a slower pace.</summary>
    public TimeSpan NextWithin(PeerHealth peer, Instant now) =>
        !(_rests || _dozes) || !peer.SaysWhenNext || peer.VerdictAt(now) != Verdict.Alive ? options.Interval
        : _rests ? options.IdleInterval
        : options.QuietInterval;

    /// <summary>What an answer promises: the next claim, or the next beat without one, is as far away as the claimant said.</summary>
    public static TimeSpan AfterAnswer(PeerHealth claimant) => claimant.NextWithin;

    /// <summary>
    /// How long this node may do without a beat of its own after it has answered a claim, if it has done its beat's work along with the answer; null if its beats must go on.
    /// </summary>
    public TimeSpan? BeatAfterAnswer(PeerHealth claimant) => _rests ? AnswerLasts(claimant) : null;

    /// <remarks>To be asked each interval, and when everybody is owed one.</remarks>
    public bool IsOwed(NodeId peer, Instant now)
    {
        if (_claims)
            return true;
        // Where there is no formation yet there is nothing to answer.
        if (Mutant.AnswersOnly && _told?.Version > 0)
            return false;
        return !_owedFrom.TryGetValue(peer, out var from) || now >= from;
    }

    /// <summary>A heartbeat went out.</summary>
    public void Sent(NodeId peer, TimeSpan nextWithin, Instant now) =>
        _owedFrom[peer] = now + nextWithin - (options.Interval / 2);

    /// <summary>An answer to a claim went out. The claimant's next claim, which is answered, may come a little later than this node's next beat.</summary>
    public void Answered(PeerHealth peer, Instant now)
    {
        if (peer.SaysWhenNext)
            _owedFrom[peer.Node] = now + AnswerLasts(peer);
    }

    private TimeSpan AnswerLasts(PeerHealth claimant) => AfterAnswer(claimant) + (options.Interval / 4);

    private bool Claims(NodeReport report)
    {
        foreach (var replica in report.Replicas)
        {
            if (replica.Released || replica.Claims(options.HungAfter))
                return true;
        }

        return false;
    }

    private static bool LeadsNothing(NodeReport report)
    {
        foreach (var replica in report.Replicas)
        {
            if (replica.Role != ReplicaRole.Standby)
                return false;
        }

        return true;
    }

    /// <summary>Whether each partition has a primary that is heard and serves. Otherwise somebody is about to need to know who lives.</summary>
    private static bool IsServed(FormationState? state, NodeReport own, Func<NodeId, NodeReport?> heard)
    {
        if (state is null)
            return false;
        foreach (var (partition, view) in state.Views)
        {
            var leader = view.Primary.Node == own.Node ? own : heard(view.Primary.Node);
            if (
                leader?.Of(partition) is not { Role: ReplicaRole.Primary, Released: false } primary
                || primary.Epoch != view.Epoch
            )
                return false;
        }

        return true;
    }
}
