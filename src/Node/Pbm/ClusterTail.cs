using System.Globalization;
using Akka.Actor;
using Akka.Cluster;

namespace Failover.Node.Pbm;

/// <summary>Writes the members as they are, then each change of membership, reachability and leader.</summary>
internal sealed class ClusterTail : ReceiveActor
{
    private readonly Cluster _cluster;
    private readonly LiveLines _lines;
    private readonly TimeProvider _time;
    private readonly HashSet<UniqueAddress> _unreachable = [];

    public ClusterTail(Cluster cluster, LiveLines lines, TimeProvider time)
    {
        _cluster = cluster;
        _lines = lines;
        _time = time;

        Receive<ClusterEvent.CurrentClusterState>(OnState);
        Receive<ClusterEvent.UnreachableMember>(change =>
        {
            _unreachable.Add(change.Member.UniqueAddress);
            Write(change.Member);
        });
        Receive<ClusterEvent.ReachableMember>(change =>
        {
            _unreachable.Remove(change.Member.UniqueAddress);
            Write(change.Member);
        });
        Receive<ClusterEvent.IMemberEvent>(change =>
        {
            Write(change.Member);
            if (change is ClusterEvent.MemberRemoved)
                _unreachable.Remove(change.Member.UniqueAddress);
        });
        Receive<ClusterEvent.LeaderChanged>(change => Write($"leader {change.Leader?.ToString() ?? "none"}"));
    }

    // The state comes first and the events follow without a gap: that is what the snapshot mode promises.
    protected override void PreStart() =>
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.LeaderChanged)
        );

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _lines.Complete();
    }

    private void OnState(ClusterEvent.CurrentClusterState state)
    {
        _unreachable.UnionWith(state.Unreachable.Select(member => member.UniqueAddress));
        foreach (var line in MemberLine.All(state))
            _lines.Write(line);
    }

    private void Write(Member member) => Write(MemberLine.Of(member, _unreachable.Contains(member.UniqueAddress)));

    private void Write(string what) =>
        _lines.Write(string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():HH:mm:ss.fff} {what}"));
}
