using Akka.Actor;
using Akka.Cluster;
using Akka.Util;
using static Akka.Cluster.ClusterEvent;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>What the settings of <c>akka.cluster</c> change.</summary>
public sealed class ClusterSettingSpecs : IAsyncLifetime
{
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.StopAll();

    [Fact]
    public async Task Roles_and_the_application_version_are_known_to_all()
    {
        var systems = await _cluster.Form(2, "akka.cluster { roles = [data, web], app-version = \"1.2.3\" }");

        var member = ClusterNode.Get(systems[0]).State.Members.Single(m => m.Address == SelfAddress(systems[1]));

        Assert.Equal(["data", "web"], member.Roles.Order());
        Assert.Equal(AppVersion.Create("1.2.3"), member.AppVersion);
        Assert.Equal(["data", "web"], ClusterNode.Get(systems[1]).SelfRoles.Order());
        Assert.False(ClusterNode.Get(systems[0]).State.HasMoreThanOneAppVersion);
    }

    [Fact]
    public async Task Nobody_is_up_before_the_least_number_of_members_is_there()
    {
        const string three = "akka.cluster.min-nr-of-members = 3";
        var systems = new[] { _cluster.Start(three), _cluster.Start(three) };
        var first = SelfAddress(systems[0]);
        foreach (var system in systems)
            ClusterNode.Get(system).Join(first);
        await Until(systems[0], state => state.Members.Count == 2);
        var events = ClusterEvents.Of(systems[0], InitialStateAsEvents, typeof(IMemberEvent));

        var third = _cluster.Start(three);
        ClusterNode.Get(third).Join(first);

        await events.First<MemberUp>(e => e.Member.Address.Equals(SelfAddress(third)));
        var kinds = events.All.Select(e => e.GetType().Name).ToArray();
        Assert.Equal(["MemberJoined", "MemberJoined", "MemberJoined", "MemberUp", "MemberUp", "MemberUp"], kinds);
    }

    [Fact]
    public async Task Nobody_is_up_before_the_least_number_of_members_of_a_role_is_there()
    {
        const string data = "akka.cluster.role.data.min-nr-of-members = 1";
        var plain = _cluster.Start(data);
        ClusterNode.Get(plain).Join(SelfAddress(plain));
        await Until(plain, state => state.Members.Count == 1);
        var events = ClusterEvents.Of(plain, InitialStateAsEvents, typeof(IMemberEvent));

        var host = _cluster.Start(data + "\nakka.cluster.roles = [data]");
        ClusterNode.Get(host).Join(SelfAddress(plain));

        await events.First<MemberUp>(e => e.Member.Address.Equals(SelfAddress(plain)));
        Assert.Equal(["MemberJoined", "MemberJoined"], events.All.Take(2).Select(e => e.GetType().Name));
    }

    [Fact]
    public async Task A_joining_member_is_weakly_up_while_a_dead_one_keeps_the_others_from_agreeing()
    {
        const string patient = """
            akka.cluster { split-brain-resolver.stable-after = 60s, allow-weakly-up-members = 500ms }
            """;
        var systems = await _cluster.Form(3, patient);
        await Crash(systems[2]);
        await Until(systems[0], state => state.Unreachable.Count == 1);
        var joining = _cluster.Start(patient);
        var isUp = false;
        ClusterNode.Get(joining).RegisterOnMemberUp(() => isUp = true);
        var events = ClusterEvents.Of(systems[0], InitialStateAsSnapshot, typeof(IMemberEvent));

        ClusterNode.Get(joining).Join(SelfAddress(systems[0]));
        await events.First<MemberWeaklyUp>();
        Assert.False(isUp);
        ClusterNode.Get(systems[0]).Down(SelfAddress(systems[2]));

        await events.First<MemberUp>();
        Assert.Equal(["MemberJoined", "MemberWeaklyUp", "MemberUp"], events.About(SelfAddress(joining)));
    }

    [Fact]
    public async Task A_join_that_is_not_answered_is_tried_again()
    {
        var first = _cluster.Start();
        var address = SelfAddress(first);
        await Crash(first);
        var joining = _cluster.Start("akka.cluster.retry-unsuccessful-join-after = 300ms");

        ClusterNode.Get(joining).Join(address);
        var late = _cluster.Start(port: address.Port!.Value);
        ClusterNode.Get(late).Join(address);

        await UntilUp(joining, 2);
    }

    [Fact]
    public async Task A_node_that_no_seed_lets_in_shuts_down_when_it_is_told_to_give_up()
    {
        var dead = _cluster.Start();
        var address = SelfAddress(dead);
        await Crash(dead);
        var system = _cluster.Start("akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = 500ms");

        ClusterNode.Get(system).JoinSeedNodes([address]);

        await system.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_downed_node_stays_a_process_when_it_is_not_to_shut_down()
    {
        var systems = await _cluster.Form(2, "akka.cluster.run-coordinated-shutdown-when-down = off");
        var removed = new TaskCompletionSource();
        ClusterNode.Get(systems[1]).RegisterOnMemberRemoved(removed.SetResult);

        ClusterNode.Get(systems[0]).Down(SelfAddress(systems[1]));

        await removed.Task.WaitAsync(TimeSpan.FromSeconds(15));
        await UntilUp(systems[0], 1);
        Assert.True(ClusterNode.Get(systems[1]).IsTerminated);
        Assert.Null(CoordinatedShutdown.Get(systems[1]).ShutdownReason);
    }

    [Fact]
    public async Task Actors_that_hold_up_the_default_dispatcher_do_not_make_a_node_look_dead()
    {
        const string oneThread = """
            akka {
              actor.default-dispatcher { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool.thread-count = 1 }
              cluster.split-brain-resolver.stable-after = 60s
            }
            """;
        var systems = await _cluster.Form(2, oneThread);
        using var release = new ManualResetEventSlim();
        var blocker = systems[1].ActorOf(Props.Create(() => new Blocker(release)));
        var events = ClusterEvents.Of(
            systems[0],
            InitialStateAsSnapshot,
            typeof(IReachabilityEvent),
            typeof(MemberLeft)
        );
        blocker.Tell("block");

        // Long past the second that a silence may last; then something else to wait for.
        await Assert.ThrowsAsync<TimeoutException>(() =>
            systems[1].WhenTerminated.WaitAsync(TimeSpan.FromMilliseconds(2500))
        );
        release.Set();
        ClusterNode.Get(systems[0]).Leave(SelfAddress(systems[1]));
        await events.First<MemberLeft>();

        Assert.DoesNotContain(events.All, e => e is UnreachableMember);
    }

    private sealed class Blocker : ReceiveActor
    {
        public Blocker(ManualResetEventSlim release) => Receive<string>(_ => release.Wait());
    }
}
