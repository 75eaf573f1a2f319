using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Node.Routing;

/// <summary>What the HTTP front asks, carried out by the node's actors.</summary>
internal sealed partial class NodeService(NodeParts parts, NodeObserver observer) : INodeService
{
    /// <summary>A client that numbers its requests itself may have this many of them under way.</summary>
    private const int ClientWindow = 128;

    public NodeId Self => parts.Self;

    public NodeSnapshot Current => NodePicture.Of(parts);

    public IDisposable Observe(Action<NodeEvent> subscriber) => observer.Subscribe(subscriber);

    public async Task<ServiceAnswer<WriteDone>> Write(
        Command command,
        ClientStamp? session,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        if (PartitionOf(command) is not { } partition)
            return new Refusal(
                RefusalReason.Conflict,
                "the update's keys lie in several partitions; keys that share a {tag} share a partition"
            );
        var stamp = session is null
            ? null
            : new SessionStamp(session.Client, session.Request, Math.Max(0, session.Request - ClientWindow));
        var answer = await Submit(
                partition,
                (id, made) => new Request.Write(id, partition, command, made),
                timeout,
                cancellation,
                stamp,
                isWrite: true
            )
            .ConfigureAwait(false);
        return answer switch
        {
            { Value: RequestOutcome.Written { Result: CommandResult.SessionExpired } } => new Refusal(
                RefusalReason.SessionExpired,
                $"the client '{session?.Client}' has moved past request {session?.Request}: its answer is no longer kept"
            ),
            { Value: RequestOutcome.Written written } => new WriteDone(written.Result, written.Epoch),
            { Refusal: { } refusal } => refusal,
            _ => throw new InvalidOperationException($"a write was answered with {answer.Value}"),
        };
    }

    public async Task<ServiceAnswer<StoredValue?>> Read(
        string key,
        bool stale,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        var partition = HashSlot.PartitionOf(key, Partitions);
        if (stale && parts.Replica(partition) is null)
            return new Refusal(RefusalReason.Unreachable, $"{Self} holds no data; ask a data node for a stale read");
        var answer = stale
            ? await Submit(
                    partition,
                    (id, _) => new Request.Peek(id, partition, key),
                    timeout,
                    cancellation,
                    node: Self
                )
                .ConfigureAwait(false)
            : await Submit(partition, (id, _) => new Request.Read(id, partition, key), timeout, cancellation)
                .ConfigureAwait(false);
        return answer switch
        {
            { Value: RequestOutcome.ReadOne one } => one.Value,
            { Refusal: { } refusal } => refusal,
            _ => throw new InvalidOperationException($"a read was answered with {answer.Value}"),
        };
    }

    public async Task<ServiceAnswer<ImmutableDictionary<string, StoredValue>>> ReadAll(
        string replica,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        var whole = ReplicatedMap.Empty.ToBuilder();
        for (var i = 0; i < Partitions; i++)
        {
            var part = await ReadAll(new PartitionId(i), replica, timeout, cancellation).ConfigureAwait(false);
            if (part.Refusal is { } refusal)
                return refusal;
            whole.AddRange(part.Value!);
        }

        return whole.ToImmutable();
    }

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

    private int Partitions => parts.Knowledge.State?.Views.Count ?? parts.Partitions;

    private bool IsKnown(NodeId node) =>
        parts.Directory.Find(node) is not null || parts.Knowledge.State?.Voters.Contains(node) == true;

    /// <summary>Whether this other node was heard just now.</summary>
    private bool IsAlive(NodeId node) =>
        parts.Sights.Peers.GetValueOrDefault(node) is { Verdict: Core.Detection.Verdict.Alive };

    /// <summary>Whether this node should be made primary of something: alive, and nothing ails it.</summary>
    private bool IsFit(NodeId node) =>
        node == Self
            ? parts.Board.Ailment is null
            : IsAlive(node)
                && parts.Sights.Peers.GetValueOrDefault(node)?.Report is { } report
                && report.Replicas.All(r => r.Trouble is null);

    /// <summary>Whom to hand over to when nobody is named: null lets the primary choose, who does not know what ails the others.</summary>
    private NodeId? Choose(PartitionId partition)
    {
        if (parts.Knowledge.State is not { } state || state.ViewOf(partition) is not { } view)
            return null;
        var others = view.InSync.Select(r => r.Node).Where(n => n != view.Primary.Node).ToArray();
        var fit = others.Where(n => IsFit(n) && !state.Maintenance.Contains(n)).ToArray();
        return fit.Length > 0 && fit.Length < others.Length ? fit[0] : null;
    }

    /// <summary>The one partition that all of a command's keys lie in; null if there are several.</summary>
    private PartitionId? PartitionOf(Command command)
    {
        switch (command)
        {
            case Command.Put put:
                return HashSlot.PartitionOf(put.Key, Partitions);
            case Command.Delete delete:
                return HashSlot.PartitionOf(delete.Key, Partitions);
            case Command.Update { Entries: [var first, ..] } update:
                var partition = HashSlot.PartitionOf(first.Key, Partitions);
                return update.Entries.All(e => HashSlot.PartitionOf(e.Key, Partitions) == partition) ? partition : null;
            default:
                return new PartitionId(0);
        }
    }

    private async Task<ServiceAnswer<ImmutableDictionary<string, StoredValue>>> ReadAll(
        PartitionId partition,
        string replica,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        switch (replica)
        {
            case "primary":
                var answer = await Submit(
                        partition,
                        (id, _) => new Request.ReadMap(id, partition),
                        timeout,
                        cancellation
                    )
                    .ConfigureAwait(false);
                return answer switch
                {
                    { Value: RequestOutcome.ReadMany many } => many.Entries,
                    { Refusal: { } refusal } => refusal,
                    _ => throw new InvalidOperationException($"a read was answered with {answer.Value}"),
                };
            case "standby":
                return StandbyOf(partition) is { } standby
                    ? await CopyMap(partition, standby, timeout, cancellation).ConfigureAwait(false)
                    : new Refusal(RefusalReason.Unreachable, $"partition {partition} has no standby in sync");
            default:
                var node = new NodeId(replica);
                return IsKnown(node)
                    ? await CopyMap(partition, node, timeout, cancellation).ConfigureAwait(false)
                    : new Refusal(RefusalReason.UnknownNode, $"there is no node {replica} in the formation");
        }
    }

    private NodeId? StandbyOf(PartitionId partition) =>
        parts.Knowledge.State?.ViewOf(partition) is { } view
            ? view.InSync.Where(r => r != view.Primary).Select(r => (NodeId?)r.Node).FirstOrDefault()
            : null;

    private async Task<ServiceAnswer<ImmutableDictionary<string, StoredValue>>> CopyMap(
        PartitionId partition,
        NodeId node,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        if (parts.Directory.Find(node) is { HasData: false })
            return new Refusal(RefusalReason.UnknownNode, $"{node} holds no data");
        // One replica is asked, and no other can answer in its place: a dead one is not waited for like a failover.
        var patience = timeout < parts.ReplicaPatience ? timeout : parts.ReplicaPatience;
        var answer = await Submit(
                partition,
                (id, _) => new Request.CopyMap(id, partition),
                patience,
                cancellation,
                node: node
            )
            .ConfigureAwait(false);
        return answer switch
        {
            { Value: RequestOutcome.ReadMany many } => many.Entries,
            { Refusal: { } refusal } => new Refusal(RefusalReason.Unreachable, refusal.Detail),
            _ => throw new InvalidOperationException($"a read was answered with {answer.Value}"),
        };
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

    private async Task<ServiceAnswer<RequestOutcome>> Submit(
        PartitionId partition,
        Func<long, SessionStamp?, Request> make,
        TimeSpan timeout,
        CancellationToken cancellation,
        SessionStamp? stamp = null,
        bool isWrite = false,
        NodeId? node = null
    )
    {
        var completion = new RouterActor.Completion();
        parts.Router.Tell(
            new RouterActor.Submit(partition, make, stamp, isWrite, node, timeout, completion),
            ActorRefs.NoSender
        );
        var answer = await completion.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return answer switch
        {
            RoutedAnswer.Outcome { Value: RequestOutcome.Refused refused } => new Refusal(
                ReasonFor(refused.Kind),
                refused.Reason
            ),
            RoutedAnswer.Outcome done => done.Value,
            RoutedAnswer.TimedOut late => new Refusal(
                RefusalReason.NoPrimary,
                LostData.Of(parts, partition) ?? late.Why
            ),
            _ => throw new System.Diagnostics.UnreachableException($"Unhandled answer: {answer}"),
        };
    }

    private static RefusalReason ReasonFor(RefusalKind kind) =>
        kind switch
        {
            RefusalKind.Overloaded => RefusalReason.Overloaded,
            RefusalKind.NotEnoughReplicas => RefusalReason.NotEnoughReplicas,
            _ => RefusalReason.Conflict,
        };
}
