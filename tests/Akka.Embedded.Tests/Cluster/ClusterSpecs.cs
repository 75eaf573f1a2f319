using Akka.Actor;
using Akka.Cluster;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>Membership as users of the cluster extension see it, over TCP.</summary>
public sealed class ClusterSpecs : IAsyncLifetime
{
    private readonly ClusterSystems _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.StopAll();

    [Fact]
    public async Task A_node_that_joins_itself_is_up_and_leads()
    {
        var system = _cluster.Start("akka.cluster.roles = [data]");
        var cluster = ClusterNode.Get(system);

        await cluster.JoinAsync(cluster.SelfAddress).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(MemberStatus.Up, cluster.SelfMember.Status);
        Assert.True(cluster.SelfMember.HasRole("data"));
        Assert.Equal(cluster.SelfAddress, cluster.State.Leader);
        Assert.Equal(cluster.SelfAddress, cluster.State.RoleLeader("data"));
    }

    [Fact]
    public async Task Three_nodes_know_each_other_and_agree_on_the_leader()
    {
        var systems = await _cluster.Form(3);

        var leaders = systems.Select(system => ClusterNode.Get(system).State.Leader).Distinct();

        Assert.Single(leaders);
    }

    [Fact]
    public async Task Callbacks_run_when_the_node_is_up_and_when_it_is_removed()
    {
        var system = _cluster.Start();
        var cluster = ClusterNode.Get(system);
        var shutdown = CoordinatedShutdown.Get(system);
        var up = new TaskCompletionSource();
        var removed = new TaskCompletionSource();
        cluster.RegisterOnMemberUp(up.SetResult);
        cluster.RegisterOnMemberRemoved(removed.SetResult);

        cluster.Join(cluster.SelfAddress);
        await up.Task.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.False(removed.Task.IsCompleted);
        cluster.Leave(cluster.SelfAddress);

        await removed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await system.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(cluster.IsTerminated);
        Assert.IsType<CoordinatedShutdown.ClusterLeavingReason>(shutdown.ShutdownReason);
    }

    [Fact]
    public async Task A_terminating_node_leaves_gracefully()
    {
        var systems = await _cluster.Form(3);

        await systems[0].Terminate().WaitAsync(TimeSpan.FromSeconds(10));

        await UntilUp(systems[1], 2);
        await UntilUp(systems[2], 2);
    }

    [Fact]
    public async Task A_crashed_node_becomes_unreachable_and_is_then_removed()
    {
        var systems = await _cluster.Form(3);
        var unreachable = Until(systems[1], state => state.Unreachable.Count == 1);

        await Crash(systems[2]);

        await unreachable;
        await UntilUp(systems[0], 2);
        await UntilUp(systems[1], 2);
    }

    [Fact]
    public async Task A_node_restarted_on_its_address_replaces_its_former_incarnation()
    {
        var systems = await _cluster.Form(3, "akka.cluster.split-brain-resolver.stable-after = 60s");
        var address = SelfAddress(systems[2]);
        var old = ClusterNode.Get(systems[2]).SelfUniqueAddress;
        await Crash(systems[2]);

        var restarted = _cluster.Start(port: address.Port!.Value);
        ClusterNode.Get(restarted).JoinSeedNodes([SelfAddress(systems[0]), SelfAddress(systems[1])]);

        await UntilUp(restarted, 3);
        await Until(systems[0], state => state.Members.All(m => m.UniqueAddress != old) && state.Members.Count == 3);
        await UntilUp(systems[0], 3);
    }

    [Fact]
    public async Task A_restarted_first_seed_joins_the_cluster_it_left_behind()
    {
        var systems = await _cluster.Form(3, "akka.cluster.split-brain-resolver.stable-after = 60s");
        var seeds = systems.Select(SelfAddress).ToArray();
        await Crash(systems[0]);

        var restarted = _cluster.Start(port: seeds[0].Port!.Value);
        ClusterNode.Get(restarted).JoinSeedNodes(seeds);

        await UntilUp(restarted, 3);
        await UntilUp(systems[1], 3);
    }

    [Fact]
    public async Task Seeds_started_together_form_one_cluster()
    {
        var systems = Enumerable.Range(0, 3).Select(_ => _cluster.Start()).ToArray();
        var seeds = systems.Select(SelfAddress).ToArray();

        foreach (var system in systems.Reverse())
            ClusterNode.Get(system).JoinSeedNodes(seeds);

        await Task.WhenAll(systems.Select(system => UntilUp(system, 3)));
    }

    [Fact]
    public async Task Two_of_three_nodes_crash_at_once_and_come_back_to_the_one_that_stayed()
    {
        var systems = await _cluster.Form(3, "akka.cluster.split-brain-resolver.stable-after = 60s");
        var seeds = systems.Select(SelfAddress).ToArray();
        await Task.WhenAll(Crash(systems[0]), Crash(systems[1]));

        foreach (var seed in seeds.Take(2))
            ClusterNode.Get(_cluster.Start(port: seed.Port!.Value)).JoinSeedNodes(seeds);

        await Until(
            systems[2],
            state =>
                state.Members.Count == 3
                && state.Members.All(member => member.Status == MemberStatus.Up)
                && state.Unreachable.IsEmpty
                && state.Members.All(member =>
                    systems.Take(2).All(old => ClusterNode.Get(old).SelfUniqueAddress != member.UniqueAddress)
                )
        );
    }

    [Fact]
    public async Task An_actor_watched_on_a_crashed_node_is_terminated_when_the_node_is_removed()
    {
        var systems = await _cluster.Form(3);
        systems[2].ActorOf(Props.Create(() => new Echo()), "echo");
        var echo = await systems[0]
            .ActorSelection(new RootActorPath(SelfAddress(systems[2])) / "user" / "echo")
            .ResolveOne(TimeSpan.FromSeconds(5));
        var terminated = new TaskCompletionSource();
        systems[0].ActorOf(Props.Create(() => new Mourner(echo, terminated)));

        await Crash(systems[2]);

        await terminated.Task.WaitAsync(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task The_first_seed_starts_a_cluster_alone_when_no_other_seed_answers()
    {
        var first = _cluster.Start("akka.cluster.seed-node-timeout = 1s");
        var free = SelfAddress(first).WithPort(FreePort());

        ClusterNode.Get(first).JoinSeedNodes([SelfAddress(first), free]);

        await UntilUp(first, 1);
    }

    [Fact]
    public async Task A_downed_node_shuts_itself_down()
    {
        var systems = await _cluster.Form(2);
        var shutdown = CoordinatedShutdown.Get(systems[1]);

        ClusterNode.Get(systems[0]).Down(SelfAddress(systems[1]));

        await systems[1].WhenTerminated.WaitAsync(TimeSpan.FromSeconds(15));
        await UntilUp(systems[0], 1);
        Assert.IsType<CoordinatedShutdown.ClusterDowningReason>(shutdown.ShutdownReason);
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return ((System.Net.IPEndPoint)socket.LocalEndpoint).Port;
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Mourner : ReceiveActor
    {
        public Mourner(IActorRef watched, TaskCompletionSource terminated)
        {
            Context.Watch(watched);
            Receive<Terminated>(_ => terminated.TrySetResult());
        }
    }
}
