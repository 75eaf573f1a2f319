using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Messages;

namespace Failover.Node.Routing;

/// <summary>Reads and writes keys, here or wherever they lie.</summary>
internal sealed partial class NodeService
{
    /// <summary>A client that numbers its requests itself may have this many of them under way.</summary>
    private const int ClientWindow = 128;

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
            : new SessionStamp(
                session.Client,
                session.Request,
                Math.Max(0, session.Request - ClientWindow),
                session.SinceIn(partition)
            );
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
            // A request of the node's own session: nobody can have asked for it before, but that cannot be proved.
            { Value: RequestOutcome.Written { Result: CommandResult.SessionExpired } } when session is null =>
                new Refusal(
                    RefusalReason.NoPrimary,
                    "more clients wrote while this write was under way than are remembered: it may or may not have been carried out"
                ),
            { Value: RequestOutcome.Written { Result: CommandResult.SessionExpired } } => new Refusal(
                RefusalReason.SessionExpired,
                $"what became of request {session!.Request} of the client '{session.Client}' is no longer kept: it was not carried out now, and may have been before"
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
}
