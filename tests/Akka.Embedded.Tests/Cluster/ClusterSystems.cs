using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using static Akka.Cluster.ClusterEvent;
using ClusterNode = Akka.Cluster.Cluster;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>Several nodes of one cluster in this process, talking over TCP on loopback. Waiting is done by events.</summary>
public sealed class ClusterSystems
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly List<ActorSystem> _systems = [];

    public ActorSystem Start(string hocon = "", int port = 0)
    {
        var system = ActorSystem.Create(
            "specs",
            ConfigurationFactory.ParseString(hocon).WithFallback(ConfigurationFactory.ParseString(Settings(port)))
        );
        _systems.Add(system);
        return system;
    }

    /// <summary>What all nodes of these specs are configured with.</summary>
    public static string Settings(int port) =>
        $$"""
            akka {
              loglevel = WARNING
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
              # Otherwise nothing is sent for seconds to a node whose predecessor has just crashed.
              remote.retry-gate-closed-for = 100ms
              coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
              cluster {
                failure-detector { heartbeat-interval = 100ms, acceptable-heartbeat-pause = 1s }
                unreachable-nodes-reaper-interval = 100ms
                split-brain-resolver.stable-after = 500ms
              }
            }
            """;

    /// <summary>Nodes that joined the first one, all Up, each knowing all.</summary>
    public async Task<ActorSystem[]> Form(int nodes, string hocon = "")
    {
        var systems = Enumerable.Range(0, nodes).Select(_ => Start(hocon)).ToArray();
        var first = ClusterNode.Get(systems[0]).SelfAddress;
        foreach (var system in systems)
        {
            ClusterNode.Get(system).Join(first);
            await Until(
                system,
                state => state.Members.Any(m => m.Address == SelfAddress(system) && m.Status == MemberStatus.Up)
            );
        }

        await Task.WhenAll(systems.Select(system => UntilUp(system, nodes)));
        return systems;
    }

    public static Address SelfAddress(ActorSystem system) => ClusterNode.Get(system).SelfAddress;

    public static Task UntilUp(ActorSystem system, int nodes) =>
        Until(
            system,
            state =>
                state.Members.Count == nodes
                && state.Unreachable.Count == 0
                && state.Members.All(member => member.Status == MemberStatus.Up)
        );

    /// <summary>Completes at the first event after which the condition holds.</summary>
    public static async Task Until(ActorSystem system, Func<CurrentClusterState, bool> condition)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = system.ActorOf(Props.Create(() => new Watcher(condition, done)));
        try
        {
            await done.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            var state = ClusterNode.Get(system).State;
            Assert.Fail(
                $"{SelfAddress(system)} has members [{string.Join(", ", state.Members)}], "
                    + $"unreachable [{string.Join(", ", state.Unreachable)}]"
            );
        }
        finally
        {
            system.Stop(watcher);
        }
    }

    /// <summary>Ends a system the way SIGKILL ends a process: nobody says goodbye.</summary>
    public static async Task Crash(ActorSystem system)
    {
        ((ExtendedActorSystem)system).Abort();
        await system.WhenTerminated;
    }

    public async Task StopAll() =>
        await Task.WhenAll(
            _systems.Select(system =>
            {
                ((ExtendedActorSystem)system).Abort();
                return system.WhenTerminated;
            })
        );

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(Func<CurrentClusterState, bool> condition, TaskCompletionSource done)
        {
            var cluster = ClusterNode.Get(Context.System);
            void Check()
            {
                if (condition(cluster.State))
                    done.TrySetResult();
            }

            Receive<CurrentClusterState>(_ => Check());
            Receive<IClusterDomainEvent>(_ => Check());
        }

        protected override void PreStart() =>
            ClusterNode
                .Get(Context.System)
                .Subscribe(Self, InitialStateAsSnapshot, typeof(IMemberEvent), typeof(IReachabilityEvent));

        protected override void PostStop() => ClusterNode.Get(Context.System).Unsubscribe(Self);
    }
}
