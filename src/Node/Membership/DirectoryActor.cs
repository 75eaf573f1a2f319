using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Failover.Messages;

namespace Failover.Node.Membership;

/// <summary>
/// Meets the other nodes: introduces this one to every member of the cluster and to every configured seed address,
/// until they have introduced themselves. Seeds are asked directly, so that nodes find each other even while
/// membership cannot converge.
/// </summary>
internal sealed class DirectoryActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(200);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly NodeInfo _self;
    private readonly PeerDirectory _directory;
    private readonly HashSet<Address> _strangers;
    private readonly ImmutableArray<Address> _seeds;

    public DirectoryActor(NodeInfo self, PeerDirectory directory, ImmutableArray<Address> seeds)
    {
        _self = self;
        _directory = directory;
        _seeds = [.. seeds.Where(s => s != _cluster.SelfAddress)];
        _strangers = [.. _seeds];

        Receive<Introduction>(OnIntroduction);
        Receive<ClusterEvent.MemberRemoved>(_ => { });
        Receive<ClusterEvent.IMemberEvent>(OnMember);
        Receive<ClusterEvent.ReachableMember>(e => Greet(e.Member.Address));
        Receive<Retry>(_ => GreetStrangers());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record Retry
    {
        public static readonly Retry Instance = new();
    }

    protected override void PreStart()
    {
        _directory.Add(_self);
        Context.System.EventStream.Publish(new NodeMet(_self));
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.ReachableMember)
        );
        GreetStrangers();
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnMember(ClusterEvent.IMemberEvent change)
    {
        var member = change.Member;
        var status = member.Status.ToString().ToLowerInvariant();
        Context.System.EventStream.Publish(new Happening("membership", $"{member.Address} is {status}"));
        // Whoever joins is a new process, even at a known address.
        if (
            member.UniqueAddress != _cluster.SelfUniqueAddress
            && change is ClusterEvent.MemberJoined or ClusterEvent.MemberUp or ClusterEvent.MemberWeaklyUp
        )
            Greet(member.Address);
    }

    private void Greet(Address address)
    {
        if (address == _cluster.SelfAddress)
            return;
        _strangers.Add(address);
        if (!Timers.IsTimerActive(nameof(Retry)))
            Timers.StartSingleTimer(nameof(Retry), Retry.Instance, RetryEvery);
        Introduce(address);
    }

    /// <summary>Again and again until they have answered; then no timer runs.</summary>
    private void GreetStrangers()
    {
        foreach (var address in _strangers)
            Introduce(address);
        if (_strangers.Count > 0)
            Timers.StartSingleTimer(nameof(Retry), Retry.Instance, RetryEvery);
    }

    private void Introduce(Address address) =>
        Context
            .ActorSelection($"{address}/user/{ActorNames.Directory}")
            .Tell(new Introduction(_self, AnswerWanted: true));

    private void OnIntroduction(Introduction introduction)
    {
        _strangers.Remove(Address.Parse(introduction.Node.Address));
        if (introduction.AnswerWanted)
            Sender.Tell(new Introduction(_self, AnswerWanted: false));
        if (_directory.Add(introduction.Node))
            Context.System.EventStream.Publish(new NodeMet(introduction.Node));
    }
}
