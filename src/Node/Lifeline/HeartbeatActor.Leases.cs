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
    private readonly Dictionary<PartitionId, Instant?> _leasesTold = [];

    private void OnAck(ProbeFrame.HeartbeatAck ack)
    {
        foreach (var answer in ack.Answers)
        {
            if (!answer.Granted || !_leases.TryGetValue(answer.Partition, out var lease))
                continue;
            lease.Granted(ack.Voter, answer.Epoch, ack.SentAt);
            TellLease(answer.Partition, answer.Epoch, lease);
        }
    }

    /// <summary>
    /// Tells the replica its lease when that matters: it had none, it has less than it knows of, or what it knows of has
    /// grown by a quarter. Every single renewal would wake the data path for nothing.
    /// </summary>
    private void TellLease(PartitionId partition, Epoch epoch, LeaseHold lease)
    {
        var held = lease.HeldUntil(_voters);
        var told = _leasesTold.GetValueOrDefault(partition);
        var grew = held - told;
        if (told > Now && grew >= TimeSpan.Zero && grew < _setup.Lease.Reliance / 4)
            return;
        _leasesTold[partition] = held;
        _setup.Replica(partition)?.Tell(new ReplicaInput.LeaseChanged(epoch, held));
    }

    private void OnRoleChanged(RoleChanged changed)
    {
        var lease = _leases.TryGetValue(changed.Partition, out var known)
            ? known
            : _leases[changed.Partition] = new LeaseHold(_setup.Lease);
        // Grants of another reign, or from before the lease was given back, count no more; the replica knows of none.
        _leasesTold.Remove(changed.Partition);
        if (changed.LeaseReleased)
            lease.Release(Now);
        else if (changed.Role is not (ReplicaRole.Primary or ReplicaRole.Draining))
            lease.Begin(changed.Epoch);
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
        {
            if (_setup.Board.Of(partition) is { } line)
                TellLease(partition, line.Epoch, lease);
        }
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
            return replica with { Released = true };
        return replica;
    }

    /// <summary>A voter that cannot be reached may shorten what it granted.</summary>
    private void ForgetGrants(NodeId voter)
    {
        foreach (var (partition, lease) in _leases)
        {
            lease.Forget(voter);
            if (_setup.Board.Of(partition) is { } line)
                TellLease(partition, line.Epoch, lease);
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
