using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Ends a node in phases, each begun when those it depends on are through or have taken too long.</summary>
/// <remarks>May be used from any thread. Tasks of one phase run side by side; one that fails does not stop the others.</remarks>
public sealed class CoordinatedShutdown : IExtension
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Phase> _phases;
    private readonly List<string> _order;
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Run)>> _tasks = [];
    private Task<Done>? _running;

    internal CoordinatedShutdown(ExtendedActorSystem system)
    {
        System = system;
        _phases = Phase.Read(system.Settings.Config.GetConfig("akka.coordinated-shutdown")!);
        _order = Phase.Order(_phases);
        if (system.Settings.CoordinatedShutdownTerminateActorSystem)
            AddTask(PhaseActorSystemTerminate, "terminate-system", TerminateSystem);
        if (system.Settings.Config.GetBoolean("akka.coordinated-shutdown.run-by-clr-shutdown-hook"))
            RunAtProcessExit();
    }

    internal ExtendedActorSystem System { get; }

    /// <summary>Why; null while it has not begun.</summary>
    public Reason? ShutdownReason { get; private set; }

    /// <summary>How long all phases may take together.</summary>
    private TimeSpan TotalTimeout =>
        _phases.Values.Aggregate(TimeSpan.Zero, static (sum, phase) => sum + phase.Timeout);

    public static CoordinatedShutdown Get(ActorSystem sys) => new CoordinatedShutdownExtension().Get(sys);

    /// <summary>Adds what must be done in <paramref name="phase"/>; it may be added until that phase begins.</summary>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        if (!_phases.ContainsKey(phase))
        {
            throw new ConfigurationException(
                $"Unknown phase [{phase}], known phases [{string.Join(", ", _order)}]. All phases (along with their "
                    + "optional dependencies) must be defined in configuration."
            );
        }

        ArgumentException.ThrowIfNullOrEmpty(taskName);
        lock (_lock)
        {
            if (!_tasks.TryGetValue(phase, out var tasks))
                _tasks.Add(phase, tasks = []);
            tasks.Add((taskName, task));
        }
    }

    /// <summary>Begins, from <paramref name="fromPhase"/> or the first one; later calls get the first one's task.</summary>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        lock (_lock)
        {
            if (_running is not null)
                return _running;
            ShutdownReason = reason;
            var first = fromPhase is null ? 0 : _order.IndexOf(fromPhase);
            if (first < 0)
                throw new ArgumentException($"Unknown phase [{fromPhase}]", nameof(fromPhase));
            // Not on the caller's thread: it may be an actor's, and the tasks may wait for that actor.
            return _running = Task.Run(() => RunPhases(first));
        }
    }

    private async Task<Done> RunPhases(int first)
    {
        foreach (var name in _order.Skip(first))
        {
            var phase = _phases[name];
            if (!phase.Enabled)
                continue;
            (string Name, Func<Task<Done>> Run)[] tasks;
            lock (_lock)
                tasks = _tasks.TryGetValue(name, out var added) ? [.. added] : [];
            if (tasks.Length > 0)
                await RunPhase(name, phase, tasks).ConfigureAwait(false);
        }

        return Done.Instance;
    }

    private async Task RunPhase(string name, Phase phase, (string Name, Func<Task<Done>> Run)[] tasks)
    {
        var all = Task.WhenAll(tasks.Select(task => RunTask(name, phase, task.Name, task.Run)));
        try
        {
            await all.WaitAsync(phase.Timeout).ConfigureAwait(false);
        }
        catch (TimeoutException) when (phase.Recover)
        {
            System.Log.Warning("Coordinated shutdown phase [{0}] timed out after {1}", name, phase.Timeout);
        }
    }

    private async Task RunTask(string phaseName, Phase phase, string name, Func<Task<Done>> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception e) when (phase.Recover)
        {
            System.Log.Warning(e, "Task [{0}] failed in phase [{1}]: {2}", name, phaseName, e.Message);
        }
    }

    /// <summary>The process exits: it does once this is through, or has taken too long.</summary>
    /// <remarks>Since .NET 10 the runtime does not turn SIGTERM into an exit: a program that wants to hear of it handles it.</remarks>
    private void RunAtProcessExit()
    {
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        System.WhenTerminated.ContinueWith(
            _ => AppDomain.CurrentDomain.ProcessExit -= OnProcessExit,
            TaskScheduler.Default
        );
    }

    private void OnProcessExit(object? sender, EventArgs e) =>
        Task.WaitAny([Run(ClrExitReason.Instance)], TotalTimeout);

    private async Task<Done> TerminateSystem()
    {
        // A process that is exiting already must not be told to: that would wait for this very task.
        var isExiting = ShutdownReason is ClrExitReason;
        if (!isExiting && System.Settings.Config.GetBoolean("akka.coordinated-shutdown.exit-clr"))
        {
            // Waiting for the end inside the system that ends would keep the exit from ever coming.
            _ = System.WhenTerminated.ContinueWith(_ => Environment.Exit(0), TaskScheduler.Default);
        }

        await ((ActorSystemImpl)System).FinalTerminate().ConfigureAwait(false);
        return Done.Instance;
    }

    /// <summary>Why a shutdown began.</summary>
    public class Reason
    {
        internal Reason() { }

        public override string ToString() => GetType().Name;
    }

    /// <summary>Nobody said why.</summary>
    public class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason() { }
    }

    /// <summary><see cref="ActorSystem.Terminate"/> was called.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        internal static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason() { }
    }

    /// <summary>The process was asked to end.</summary>
    public class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason() { }
    }

    /// <summary>The cluster declared this node down.</summary>
    public class ClusterDowningReason : Reason
    {
        internal static readonly Reason Instance = new ClusterDowningReason();

        private ClusterDowningReason() { }
    }

    /// <summary>This node left the cluster.</summary>
    public class ClusterLeavingReason : Reason
    {
        internal static readonly Reason Instance = new ClusterLeavingReason();

        private ClusterLeavingReason() { }
    }

    /// <summary>No seed node let this node join.</summary>
    public class ClusterJoinUnsuccessfulReason : Reason
    {
        internal static readonly Reason Instance = new ClusterJoinUnsuccessfulReason();

        private ClusterJoinUnsuccessfulReason() { }
    }

    /// <summary>One phase as configured.</summary>
    internal sealed record Phase(IReadOnlyList<string> DependsOn, TimeSpan Timeout, bool Recover, bool Enabled)
    {
        public static Dictionary<string, Phase> Read(Config config)
        {
            var defaultTimeout = config.GetTimeSpan("default-phase-timeout", TimeSpan.FromSeconds(5));
            var phases = new Dictionary<string, Phase>();
            var all = config.GetConfig("phases") ?? Config.Empty;
            foreach (var (name, _) in all.AsEnumerable())
            {
                var phase = all.GetConfig(name) ?? Config.Empty;
                phases[name] = new Phase(
                    phase.HasPath("depends-on") ? [.. phase.GetStringList("depends-on")] : [],
                    phase.GetTimeSpan("timeout", defaultTimeout),
                    phase.GetBoolean("recover", true),
                    phase.GetBoolean("enabled", true)
                );
            }

            return phases;
        }

        /// <summary>An order in which each phase comes after those it depends on.</summary>
        public static List<string> Order(Dictionary<string, Phase> phases)
        {
            var order = new List<string>();
            var visiting = new HashSet<string>();
            foreach (var name in phases.Keys)
                Visit(name);
            return order;

            void Visit(string name)
            {
                if (order.Contains(name))
                    return;
                if (!visiting.Add(name))
                {
                    throw new ArgumentException(
                        $"Cycle detected in graph of phases. It must be a DAG. phase [{name}] depends transitively on itself."
                    );
                }

                if (phases.TryGetValue(name, out var phase))
                {
                    foreach (var dependency in phase.DependsOn)
                        Visit(dependency);
                    order.Add(name);
                }

                visiting.Remove(name);
            }
        }
    }
}

/// <summary>Names <see cref="CoordinatedShutdown"/>.</summary>
public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system) => new(system);
}
