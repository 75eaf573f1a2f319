using Akka.Actor;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Messages;

namespace Failover.Node.Routing;

/// <summary>What the HTTP front asks, carried out by the node's actors.</summary>
internal sealed partial class NodeService(NodeParts parts, NodeObserver observer) : INodeService
{
    public NodeId Self => parts.Self;

    public NodeSnapshot Current => NodePicture.Of(parts);

    public string Reached => parts.Positions.Mark(Partitions);

    public IDisposable Observe(Action<NodeEvent> subscriber) => observer.Subscribe(subscriber);

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
