using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Simulation.Machines;

namespace Failover.Simulation.Checks;

/// <summary>What is told to clients.</summary>
internal sealed partial class PartitionLedger
{
    public void Answered(PartitionShell shell, ReplicaInput request, RequestOutcome outcome)
    {
        switch (outcome)
        {
            case RequestOutcome.Written written:
                MayAnswer(shell, written.Epoch);
                OnAcknowledged(shell, (ReplicaInput.Write)request, written.Result);
                break;
            case RequestOutcome.ReadOne read:
                MayAnswer(shell, shell.Replica.Epoch);
                OnRead(shell, ((ReplicaInput.Read)request).Key, read.Value);
                break;
            case RequestOutcome.ReadMany many:
                MayAnswer(shell, shell.Replica.Epoch);
                foreach (var (key, value) in many.Entries)
                    OnRead(shell, key, value);
                break;
        }
    }

    private void MayAnswer(PartitionShell shell, Epoch epoch)
    {
        if (!_views.TryGetValue(epoch, out var entered) || entered.View.Primary != shell.Self)
            throw new Violation("only the epoch's primary answers", $"{shell.Self} in epoch {epoch}");
        if (epoch < _newestAcknowledged)
            throw new Violation("older epochs are silent", $"{shell.Self} in {epoch} after {_newestAcknowledged}");
        // Stronger than the promise, but what leases are for: nobody is deposed while he may still answer.
        if (_newest!.Epoch > epoch)
            throw new Violation("no answer after deposition", $"{shell.Self} in {epoch}, the register says {_newest}");
        if (entered.ChosenAt < world.MachineOf(shell.Self.Node).Process!.StartedAt)
            throw new Violation("no serving on old memory", $"{shell.Self} in epoch {epoch} of an earlier process");
        _newestAcknowledged = epoch;
    }

    private void OnAcknowledged(PartitionShell shell, ReplicaInput.Write write, CommandResult result)
    {
        if (_reference.Find(write.Command) is not { } applied)
            throw new Violation("acknowledged means committed", $"{shell.Self} acknowledged {write.Command}");
        if (result is CommandResult.SessionExpired && _reference.IsRefused(write.Session!))
            return; // A straggler of a request that the client has long given up, or a retry of one that was forgotten.
        if (applied.Result != result)
            throw new Violation("exactly once", $"{write.Command} gave {applied.Result}, answered {result}");
        if (applied.Sequence > shell.Replica.Commit)
            throw new Violation("acknowledged means committed", $"{shell.Self} acknowledged {write.Command} too soon");
        if (shell.Replica.View!.InSync.Length < world.Scenario.MinInSync)
            throw new Violation(
                "enough hold what is acknowledged",
                $"{shell.Self} acknowledged with {shell.Replica.View}"
            );
        _acknowledged.TryAdd(write.Command, applied.Sequence);
        _lastAcknowledged = Math.Max(_lastAcknowledged, applied.Sequence);
    }

    private void OnRead(PartitionShell shell, string key, StoredValue? value)
    {
        if (shell.Replica.Commit < _lastAcknowledged)
            throw new Violation(
                "reads are fresh",
                $"{shell.Self} read at {shell.Replica.Commit} of {_lastAcknowledged}"
            );
        var expected = _reference.At(shell.Replica.Commit);
        if (value != (expected.TryGetValue(key, out var stored) ? stored : null))
            throw new Violation("reads are fresh", $"{shell.Self} read {value} for {key}");
    }

    /// <summary>Whether a write that was acknowledged is in the log where it was.</summary>
    public void NothingLost()
    {
        foreach (var (command, sequence) in _acknowledged)
        {
            if (_reference.Find(command)?.Sequence != sequence)
                throw new Violation("acknowledged writes survive", $"{command} at {sequence}");
        }
    }
}
