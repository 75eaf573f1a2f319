using Akka.Actor;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Node.Routing;

/// <summary>What operators ask for, and what a node does for itself when it stops.</summary>
internal sealed partial class NodeService
{
    public Task<ServiceAnswer<OperationDone>> Operate(
        Operation operation,
        TimeSpan timeout,
        CancellationToken cancellation
    ) =>
        operation switch
        {
            Operation.Switchover m => SwitchOver(
                m.Partition ?? new(0),
                m.To,
                "an operator asked for it",
                timeout,
                cancellation
            ),
            Operation.ForceFailover m => ForceFailover(m, timeout, cancellation),
            Operation.SetMaintenance m when !IsKnown(m.Node) => Task.FromResult<ServiceAnswer<OperationDone>>(
                new Refusal(RefusalReason.UnknownNode, $"there is no node {m.Node} in the formation")
            ),
            Operation.SetMaintenance m => Propose(
                new Change.SetMaintenance(m.Node, m.Enabled),
                m.Enabled ? $"{m.Node} is in maintenance" : $"{m.Node} is back from maintenance",
                timeout
            ),
            Operation.Rebalance => Rebalance(timeout, cancellation),
            Operation.SetVoter m when !IsKnown(m.Node) => Task.FromResult<ServiceAnswer<OperationDone>>(
                new Refusal(RefusalReason.UnknownNode, $"there is no node {m.Node} in the formation")
            ),
            Operation.SetVoter m => ChangeVoters(m, timeout),
            Operation.SetPaused m => Propose(
                new Change.SetPaused(m.Paused),
                m.Paused ? "automatic failover is paused" : "automatic failover is on again",
                timeout
            ),
            _ => throw new System.Diagnostics.UnreachableException($"Unhandled operation: {operation}"),
        };

    /// <summary>Hands every partition that this node leads over to a standby, before it stops. Nobody is waited for who is gone.</summary>
    public async Task HandOverAll(TimeSpan timeout)
    {
        if (parts.Knowledge.State is not { } state)
            return;
        foreach (var (partition, view) in state.Views)
        {
            if (view.Primary.Node == Self && view.InSync.Any(r => IsAlive(r.Node)))
                await SwitchOver(partition, null, $"{Self} is stopping", timeout, CancellationToken.None)
                    .ConfigureAwait(false);
        }
    }

    /// <summary>Whom to hand over to when nobody is named: null lets the primary choose, who does not know what ails the others.</summary>
    private NodeId? Choose(PartitionId partition)
    {
        if (parts.Knowledge.State is not { } state || state.ViewOf(partition) is not { } view)
            return null;
        var others = view.InSync.Select(r => r.Node).Where(n => n != view.Primary.Node).ToArray();
        var fit = others.Where(n => IsFit(n) && !state.Maintenance.Contains(n)).ToArray();
        return fit.Length > 0 && fit.Length < others.Length ? fit[0] : null;
    }

    private async Task<ServiceAnswer<OperationDone>> SwitchOver(
        PartitionId partition,
        NodeId? to,
        string reason,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        if (to is { } target && !IsKnown(target))
            return new Refusal(RefusalReason.UnknownNode, $"there is no node {target} in the formation");
        var answer = await Submit(
                partition,
                (id, _) => new Request.Switchover(id, partition, to ?? Choose(partition), reason),
                timeout,
                cancellation
            )
            .ConfigureAwait(false);
        return answer switch
        {
            { Value: RequestOutcome.SwitchedOver done } => new OperationDone(
                parts.Knowledge.State?.Version ?? 0,
                done.Epoch,
                done.Primary,
                $"{done.Primary} is primary of partition {partition} in epoch {done.Epoch}"
            ),
            { Refusal: { } refusal } => refusal,
            _ => throw new InvalidOperationException($"a switchover was answered with {answer.Value}"),
        };
    }

    private async Task<ServiceAnswer<OperationDone>> ForceFailover(
        Operation.ForceFailover force,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        var partition = force.Partition ?? new PartitionId(0);
        FailoverForced ended;
        try
        {
            ended = await parts
                .StandIn.Ask<FailoverForced>(new ForceFailover(partition, force.AcceptDataLoss), timeout, cancellation)
                .ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return new Refusal(
                RefusalReason.NoPrimary,
                $"no decision within {timeout.TotalSeconds:0.#} s: is a majority of the voters alive?"
            );
        }

        return ended switch
        {
            FailoverForced.Done done => DoneWith(done.State, partition),
            FailoverForced.Refused refused => new Refusal(RefusalReason.Conflict, refused.Reason),
            FailoverForced.Healthy => await SwitchOver(
                    partition,
                    null,
                    "an operator asked for a failover",
                    timeout,
                    cancellation
                )
                .ConfigureAwait(false),
            _ => throw new System.Diagnostics.UnreachableException($"Unhandled end: {ended}"),
        };
    }

    private static OperationDone DoneWith(FormationState? state, PartitionId partition)
    {
        var view = state?.ViewOf(partition);
        var message = view is null
            ? "done"
            : $"{view.Primary.Node} is primary of partition {partition} in epoch {view.Epoch}";
        return new OperationDone(state?.Version ?? 0, view?.Epoch ?? default, view?.Primary.Node, message);
    }

    /// <summary>
    /// The three steps of one change of the voters. If this node dies in between, both lists go on to count until the
    /// Monitor does the rest.
    /// </summary>
    private async Task<ServiceAnswer<OperationDone>> ChangeVoters(Operation.SetVoter operation, TimeSpan timeout)
    {
        Change change = operation.Votes ? new Change.AddVoter(operation.Node) : new Change.RemoveVoter(operation.Node);
        var message = operation.Votes ? $"{operation.Node} votes" : $"{operation.Node} votes no more";
        while (true)
        {
            var ended = await ProposeChange(change, timeout).ConfigureAwait(false);
            if (ended is not { Outcome: ProposalOutcome.Done { State.Former.IsEmpty: false } })
                return Answer(ended, message);
            change = new Change.SettleVoters();
        }
    }

    private async Task<ServiceAnswer<OperationDone>> Propose(Change change, string message, TimeSpan timeout) =>
        Answer(await ProposeChange(change, timeout).ConfigureAwait(false), message);

    /// <returns>Null if the register did not answer.</returns>
    private async Task<ChangeEnded?> ProposeChange(Change change, TimeSpan timeout)
    {
        try
        {
            return await parts
                .Register.Ask<ChangeEnded>(new ProposeChange(change, timeout), timeout + parts.ReplicaPatience)
                .ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static ServiceAnswer<OperationDone> Answer(ChangeEnded? ended, string message) =>
        ended?.Outcome switch
        {
            null => new Refusal(RefusalReason.NoPrimary, "the register did not answer"),
            ProposalOutcome.Done done => DoneWith(done.State, new PartitionId(0)) with { Message = message },
            ProposalOutcome.Refused refused => new Refusal(RefusalReason.Conflict, refused.Reason),
            ProposalOutcome.Unknown unknown => new Refusal(RefusalReason.NoPrimary, unknown.Reason),
            var other => throw new System.Diagnostics.UnreachableException($"Unhandled outcome: {other}"),
        };
}
