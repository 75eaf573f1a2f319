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

    private void OnAck(ProbeFrame.HeartbeatAck ack)
    {
        foreach (var answer in ack.Answers)
        {
            if (!answer.Granted || !_leases.TryGetValue(answer.Partition, out var lease))
                continue;
            lease.Granted(ack.Voter, answer.Epoch, ack.SentAt);
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
        SendHeartbeats();
    }

    private void OnStateLearned(FormationState state)
    {
        _formation = state.Formation;
        _version = Math.Max(_version, state.Version);
        var isOutdated =
            !_voters.All.SequenceEqual(state.Electorate.All) || _voters.Former.IsEmpty != state.Former.IsEmpty;
        _voters = state.Electorate;
        if (!isOutdated)
            return;
        // The next heartbeat says that this node counts by the new list: no replica may rely on the old one then.
        foreach (var (partition, lease) in _leases)
            PublishLease(partition, lease);
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
