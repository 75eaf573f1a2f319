using Akka.Actor;
using Akka.Cluster;
using static Akka.Cluster.ClusterEvent;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>What subscribers are told, and in which order.</summary>
public sealed class ClusterEventSpecs : IAsyncLifetime
{
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.StopAll();

    [Fact]
    public async Task A_members_life_is_told_in_order_from_its_joining_to_its_removal()
    {
        var systems = await _cluster.Form(1);
        var events = ClusterEvents.Of(systems[0], InitialStateAsEvents, typeof(IMemberEvent));
        var other = _cluster.Start();

        await ClusterNode.Get(other).JoinAsync(SelfAddress(systems[0]));
        ClusterNode.Get(systems[0]).Leave(SelfAddress(other));

        var removed = await events.First<MemberRemoved>(e => e.Member.Address.Equals(SelfAddress(other)));
        Assert.Equal(MemberStatus.Exiting, removed.PreviousStatus);
        Assert.Equal(MemberStatus.Removed, removed.Member.Status);
        Assert.Equal(
            ["MemberJoined", "MemberUp", "MemberLeft", "MemberExited", "MemberRemoved"],
            events.About(SelfAddress(other))
        );
    }

    [Fact]
    public async Task A_member_that_is_downed_is_told_as_down_and_then_as_removed()
    {
        var systems = await _cluster.Form(2);
        var events = ClusterEvents.Of(systems[0], InitialStateAsSnapshot, typeof(MemberDowned), typeof(MemberRemoved));

        ClusterNode.Get(systems[0]).Down(SelfAddress(systems[1]));

        var removed = await events.First<MemberRemoved>();
        Assert.Equal(MemberStatus.Down, removed.PreviousStatus);
        Assert.Equal(["MemberDowned", "MemberRemoved"], events.About(SelfAddress(systems[1])));
    }

    [Fact]
    public async Task A_crash_is_told_as_unreachable_before_the_member_is_removed()
    {
        var systems = await _cluster.Form(3);
        var events = ClusterEvents.Of(
            systems[0],
            InitialStateAsSnapshot,
            typeof(IReachabilityEvent),
            typeof(IMemberEvent)
        );
        var dead = SelfAddress(systems[2]);

        await Crash(systems[2]);

        await events.First<MemberRemoved>(e => e.Member.Address.Equals(dead));
        var order = events.All.Where(e => e is UnreachableMember or MemberRemoved).Select(e => e.GetType().Name);
        Assert.Equal(["UnreachableMember", "MemberRemoved"], order);
    }

    [Fact]
    public async Task A_snapshot_comes_first_and_then_only_what_was_asked_for()
    {
        var systems = await _cluster.Form(1);
        var events = ClusterEvents.Of(systems[0], InitialStateAsSnapshot, typeof(MemberUp));
        var state = await events.First<CurrentClusterState>();
        Assert.Equal(SelfAddress(systems[0]), Assert.Single(state.Members).Address);
        var other = _cluster.Start();

        await ClusterNode.Get(other).JoinAsync(SelfAddress(systems[0]));

        var up = await events.First<MemberUp>();
        Assert.Equal(SelfAddress(other), up.Member.Address);
        Assert.Equal([state, up], events.All);
    }

    [Fact]
    public async Task Initial_events_tell_what_was_before_as_if_it_happened_now()
    {
        var systems = await _cluster.Form(2, "akka.cluster.roles = [data]");

        var events = ClusterEvents.Of(
            systems[1],
            InitialStateAsEvents,
            typeof(IMemberEvent),
            typeof(LeaderChanged),
            typeof(RoleLeaderChanged)
        );

        var leader = (await events.First<LeaderChanged>()).Leader;
        Assert.Equal(ClusterNode.Get(systems[0]).State.Leader, leader);
        Assert.Equal(leader, (await events.First<RoleLeaderChanged>(e => e.Role == "data")).Leader);
        Assert.Equal(
            systems.Select(SelfAddress).Order(Member.AddressOrdering),
            events.All.OfType<MemberUp>().Select(e => e.Member.Address).Order(Member.AddressOrdering)
        );
    }

    [Fact]
    public async Task When_the_leader_leaves_another_one_is_told_and_of_its_role_too()
    {
        var systems = await _cluster.Form(3, "akka.cluster.roles = [data]");
        var leader = ClusterNode.Get(systems[0]).State.Leader;
        var stays = systems.First(system => SelfAddress(system) != leader);
        var events = ClusterEvents.Of(stays, InitialStateAsSnapshot, typeof(LeaderChanged), typeof(RoleLeaderChanged));

        ClusterNode.Get(stays).Leave(leader);

        var next = (await events.First<LeaderChanged>(e => e.Leader is not null && e.Leader != leader)).Leader;
        Assert.Equal(next, (await events.First<RoleLeaderChanged>(e => e.Leader != leader)).Leader);
        Assert.Equal(systems.Select(SelfAddress).Where(a => a != leader).Min(Member.AddressOrdering), next);
    }

    [Fact]
    public async Task Who_has_unsubscribed_is_told_nothing_more()
    {
        var systems = await _cluster.Form(1);
        var silent = ClusterEvents.Of(systems[0], InitialStateAsSnapshot, typeof(IMemberEvent));
        await silent.First<CurrentClusterState>();

        ClusterNode.Get(systems[0]).Unsubscribe(silent.Subscriber);
        var events = ClusterEvents.Of(systems[0], InitialStateAsSnapshot, typeof(IMemberEvent));
        var other = _cluster.Start();
        await ClusterNode.Get(other).JoinAsync(SelfAddress(systems[0]));
        await events.First<MemberUp>();

        Assert.IsType<CurrentClusterState>(Assert.Single(silent.All));
    }

    [Fact]
    public async Task A_node_whose_cluster_ends_tells_its_subscribers()
    {
        var systems = await _cluster.Form(2, "akka.coordinated-shutdown.terminate-actor-system = off");
        var events = ClusterEvents.Of(systems[1], InitialStateAsSnapshot, typeof(ClusterShuttingDown));

        ClusterNode.Get(systems[1]).Leave(SelfAddress(systems[1]));

        await events.First<ClusterShuttingDown>();
    }

    [Fact]
    public void Subscribing_to_nothing_or_to_what_is_no_cluster_event_is_refused()
    {
        var system = _cluster.Start();
        var cluster = ClusterNode.Get(system);

        Assert.Throws<ArgumentException>(() => cluster.Subscribe(ActorRefs.Nobody, InitialStateAsSnapshot));
        Assert.Throws<ArgumentException>(() => cluster.Subscribe(ActorRefs.Nobody, typeof(string)));
    }
}
