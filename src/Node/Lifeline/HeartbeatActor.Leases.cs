using Akka.Actor;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>The lease for whatever this node leads: claimed with each heartbeat, held by the voters' answers.</summary>
internal sealed partial class HeartbeatActor
{
    private readonly Dictionary<PartitionId, LeaseHold> _leases = [];

    /// <summary>This node's acceptor has voted on the claims of a heartbeat.</summary>
    /// <param name="By">Whose heartbeat it was.</param>
    /// <param name="Reply">Where it came from; null for this node's own.</param>
    private sealed record ClaimsAnswered(Peer By, AcceptorEffect.AnswerClaims Vote, Func<ProbeFrame, bool>? Reply);

    /// <summary>Whoever claims nothing needs no vote; but a new process voids what an older one of its node was granted.</summary>
    private void ShowToAcceptor(Peer peer, NodeReport report, Instant sentAt, Func<ProbeFrame, bool>? reply)
    {
        var claims = report.Replicas.Any(r => r.Released || r.Claims(_setup.Detection.HungAfter));
        if (peer.ShownToAcceptor == report.Incarnation && !claims)
            return;
        peer.ShownToAcceptor = report.Incarnation;
        var self = Self;
        _setup.Acceptor.Tell(
            new AcceptorActor.Claimed(report, sentAt, vote => self.Tell(new ClaimsAnswered(peer, vote, reply)))
        );
    }

    /// <summary>The answer says all that a heartbeat would, and takes the place of this node's next one to the claimant, if it went out.</summary>
    private void OnClaimsAnswered(ClaimsAnswered answered)
    {
        var vote = answered.Vote;
        if (answered.Reply is not { } reply)
        {
            OnGrants(_setup.Self, vote.Answers, vote.SentAt);
            return;
        }

        var now = Now;
        var report = Report(now);
        SendNews(report, now);
        var claimant = answered.By.Health;
        var next = HeartbeatPace.AfterAnswer(claimant);
        if (!reply(new ProbeFrame.HeartbeatAck(_setup.Self, vote.SentAt, vote.Answers, report, next)))
            return;
        _pace.Answered(claimant, now);
        if (_pace.BeatAfterAnswer(claimant) is not { } later)
            return;
        // This node is awake now: it need not wake up once more for its own beat.
        DoBeat(report, now);
        _beat?.Next(later);
    }

    private void OnAck(ProbeFrame.HeartbeatAck ack)
    {
        // A program that does not count its answers as heartbeats leaves its report out.
        if (ack.Report is not { } report)
        {
            OnGrants(ack.Voter, ack.Answers, ack.SentAt);
            return;
        }

        if (!TryHear(report, ack.NextWithin, out var peer))
            return;
        // What the voter itself claims stands in its heartbeats: the instant here is not of its clock.
        ShowToAcceptor(peer, report with { Replicas = [] }, Now, reply: null);
        OnGrants(report.Node, ack.Answers, ack.SentAt);
        Judge(peer);
    }

    private void OnGrants(NodeId voter, IReadOnlyList<LeaseAnswer> answers, Instant sentAt)
    {
        foreach (var answer in answers)
        {
            if (!answer.Granted || !_leases.TryGetValue(answer.Partition, out var lease))
                continue;
            lease.Granted(voter, answer.Epoch, sentAt);
            PublishLease(answer.Partition, lease);
        }
    }

    /// <summary>
    /// The replica looks before it steps, so a renewal wakes nobody but who waits for it, and what was lost counts no more
    /// from here on: before any voter hears that it was given back.
    /// </summary>
    private void PublishLease(PartitionId partition, LeaseHold lease)
    {
        if (_setup.Board.Leases.Publish(partition, new LeaseBoard.Lease(lease.Epoch, lease.HeldUntil(_voters))))
            _setup.Replica(partition)?.Tell(LeaseRenewed.Instance);
    }

    private void OnRoleChanged(RoleChanged changed)
    {
        var lease = _leases.TryGetValue(changed.Partition, out var known)
            ? known
            : _leases[changed.Partition] = new LeaseHold(_setup.Lease);
        // Grants of another reign, or from before the lease was given back, count no more.
        if (changed.LeaseReleased)
            lease.Release(Now);
        else if (changed.Role is not (ReplicaRole.Primary or ReplicaRole.Draining))
            lease.Begin(changed.Epoch);
        PublishLease(changed.Partition, lease);
        if (changed.Role == ReplicaRole.Promoting)
            TellWhoIsGone(changed.Partition);
        _pace.OweAll();
        SendHeartbeats();
    }

    private void OnStateLearned(FormationState state)
    {
        _formation = state.Formation;
        if (_state is null || _state.Version < state.Version)
            _state = state;
        var isOutdated =
            !_voters.All.SequenceEqual(state.Electorate.All) || _voters.Former.IsEmpty != state.Former.IsEmpty;
        _voters = state.Electorate;
        if (isOutdated)
        {
            // The next heartbeat says that this node counts by the new list: no replica may rely on the old one then.
            foreach (var (partition, lease) in _leases)
                PublishLease(partition, lease);
        }

        SendNews();
    }

    /// <summary>A lease that bears no fruit is given back for a while.</summary>
    private ReplicaReport Rested(ReplicaReport replica, Instant now)
    {
        if (!_leases.TryGetValue(replica.Partition, out var lease))
            return replica;
        // The release may be on the board before its message is here. From the moment that voters hear of it their
        // grants are void, so an answer that is under way must not count from this same moment on.
        if (replica.Released)
            lease.Release(now);
        else if (replica.Claims(_setup.Detection.HungAfter) && lease.Rests(_voters, now))
            replica = replica with { Released = true };
        if (replica.Released)
            PublishLease(replica.Partition, lease);
        return replica;
    }

    /// <summary>A voter that cannot be reached may shorten what it granted.</summary>
    private void ForgetGrants(NodeId voter)
    {
        foreach (var (partition, lease) in _leases)
        {
            lease.Forget(voter);
            PublishLease(partition, lease);
        }
    }

    /// <summary>A replica that follows has no use for the news that a process is gone; one that begins to lead has.</summary>
    private void TellWhoIsGone(PartitionId partition)
    {
        foreach (var (node, peer) in _peers)
        {
            if (peer.Health.Probe == ProbeState.Refused)
                _setup.Replica(partition)?.Tell(new ReplicaInput.ProcessGone(node));
        }
    }
}
