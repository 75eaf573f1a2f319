using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Application;
using Failover.Core.Detection;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Routing;

namespace Failover.Node.Application;

/// <summary>
/// Keeps an application of the operator's in this node's role: primary where the primary of partition 0 serves, standby on every other data node. Talks to the same actor of
/// the other nodes, so that one application steps down before the next one leads.
/// </summary>
internal sealed class ApplicationActor : ReceiveActor, IWithTimers
{
    /// <summary>A lease that runs out says so to nobody, and messages to other nodes may be lost.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private static readonly PartitionId Partition = new(0);

    private readonly ApplicationSetup _setup;
    private readonly RoleKeeper _keeper;
    private readonly ApplicationHealth _health;
    private readonly List<RoleKeeperEffect> _effects = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private RoleWish? _running;
    private Instant _runningSince;
    private Action? _abort;
    private (Epoch In, Instant Until) _held;
    private IActorRef? _stopsFor;

    public ApplicationActor(ApplicationSetup setup)
    {
        _setup = setup;
        _keeper = new RoleKeeper(setup.Keeper);
        _health = setup.Health;

        Receive<Look>(_ => OnLook());
        Receive<StateLearned>(_ => OnLook());
        Receive<Happening>(_ => OnLook(), m => m.Kind == "role");
        Receive<Happening>(_ => { });
        Receive<StepAside>(m => Drive(new RoleKeeperInput.Asked(m.From, m.Epoch)));
        Receive<SteppedAside>(m => Drive(new RoleKeeperInput.SteppedAside(m.From, m.Epoch)));
        Receive<Ended>(m => OnEnded(m.Failure));
        Receive<TakeDown>(_ => OnTakeDown());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    internal sealed record Look
    {
        public static readonly Look Instance = new();
    }

    /// <summary>The node stops: its application shall be primary no more. Answered with <see cref="IsDown"/> when that is so, or could not be done.</summary>
    internal sealed record TakeDown
    {
        public static readonly TakeDown Instance = new();
    }

    internal sealed record IsDown
    {
        public static readonly IsDown Instance = new();
    }

    private sealed record Ended(string? Failure);

    protected override void PreStart()
    {
        _setup.Board.Application = "changing";
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
        Context.System.EventStream.Subscribe(Self, typeof(Happening));
        Timers.StartPeriodicTimer(nameof(Look), Look.Instance, TimeSpan.Zero, LookEvery);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _abort?.Invoke();
    }

    private void OnTakeDown()
    {
        _stopsFor = Sender;
        OnLook();
        TellIfDown(failed: false);
    }

    private void TellIfDown(bool failed)
    {
        if (failed || _keeper.Is is { Role: ApplicationRole.Standby })
            _stopsFor?.Tell(IsDown.Instance);
    }

    private void OnLook() => Drive(new RoleKeeperInput.Looked(Wish(), Others()));

    private RoleWish Wish()
    {
        var view = _setup.Knowledge.State?.ViewOf(Partition);
        if (_stopsFor is null && _setup.Board.Of(Partition) is { } line && Leads(line))
            return new RoleWish(ApplicationRole.Primary, line.Epoch, _setup.Self);
        // The view may be older than what this node's own replica knows: then nobody is known to lead.
        var primary = view is null || view.Primary.Node == _setup.Self ? (NodeId?)null : view.Primary.Node;
        return new RoleWish(ApplicationRole.Standby, view?.Epoch ?? Epoch.None, primary);
    }

    /// <summary>A lease that lapses for a moment, as it does in a pause of the process, is no reason to take an application down; one that is lost for its whole length is.</summary>
    private bool Leads(StatusBoard.Line line)
    {
        if (line is not { Role: ReplicaRole.Primary or ReplicaRole.Draining, Released: false })
            return false;
        var lease = _setup.Board.Leases.Of(Partition);
        if (lease.Epoch == line.Epoch && lease.HeldUntil is { } until)
            _held = (lease.Epoch, until);
        return _held.In == line.Epoch && _setup.Clock.Now < _held.Until + _setup.Lease;
    }

    private ImmutableArray<NodeId> Others() =>
        [
            .. _setup
                .Directory.Nodes.Values.Where(n => n.HasData && n.Node != _setup.Self && !IsGone(n.Node))
                .Select(n => n.Node)
                .Order(),
        ];

    private bool IsGone(NodeId node) => _setup.Sights.Peers.GetValueOrDefault(node) is { Verdict: Verdict.Dead };

    private void Drive(RoleKeeperInput input)
    {
        _keeper.Step(input, _setup.Clock.Now, _effects);
        foreach (var effect in _effects)
            Perform(effect);
        _effects.Clear();
        _setup.Board.Application = _keeper.Is is { } role ? Name(role.Role) : "changing";
    }

    private void Perform(RoleKeeperEffect effect)
    {
        switch (effect)
        {
            case RoleKeeperEffect.Run run:
                Start(run.Wish);
                break;
            case RoleKeeperEffect.Abort:
                _abort?.Invoke();
                break;
            case RoleKeeperEffect.AskToStepAside ask:
                Peer(ask.Node)?.Tell(new StepAside(_setup.Self, ask.Epoch));
                break;
            case RoleKeeperEffect.StepAside aside:
                Peer(aside.For)?.Tell(new SteppedAside(_setup.Self, aside.Epoch));
                break;
            case RoleKeeperEffect.WaitsNoLonger waits:
                Warn(
                    $"the application becomes primary although {string.Join(", ", waits.For)} did not say within {_setup.Keeper.Timeout.TotalSeconds:0.###} s that theirs is none"
                );
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private IActorRef? Peer(NodeId node) => _setup.Directory.Actor(node, ActorNames.Application);

    private void Start(RoleWish wish)
    {
        if (_keeper.Is is null)
            Say($"the application is made {Describe(wish)}");
        var run = _setup.Start(wish);
        (_running, _runningSince, _abort) = (wish, _setup.Clock.Now, run.Abort);
        run.Ended.PipeTo(Self, success: failure => new Ended(failure));
    }

    private void OnEnded(string? failure)
    {
        var (wish, before) = (_running!, _keeper.Is);
        var took = _setup.Clock.Now - _runningSince;
        (_running, _abort) = (null, null);
        Drive(new RoleKeeperInput.RunEnded(failure));
        _setup.Metrics.ApplicationRun(Name(wish.Role), failure is null, took);
        _setup.Metrics.ApplicationRole(_keeper.Is?.Role);
        if (wish.Role == ApplicationRole.Standby)
            TellIfDown(failed: failure is not null);
        if (failure is null)
            _health.Passed();
        else
            _health.Failed(failure);
        if (failure is not null)
            Warn($"the application could not be made {Describe(wish)}: {failure}");
        else if (before != wish)
            Say($"the application is {Describe(wish)}, after {took.TotalMilliseconds:0} ms");
        if (_health.Trouble == _setup.Board.HandlerAilment)
            return;
        _setup.Board.HandlerAilment = _health.Trouble;
        // Nobody should have to wait for the next heartbeat to know.
        _setup.Heartbeat.Tell(HeartbeatActor.Beat.Instance);
    }

    private static string Describe(RoleWish wish) =>
        wish.Role == ApplicationRole.Primary ? $"primary in epoch {wish.Epoch}"
        : wish.Primary is { } primary ? $"standby of {primary}"
        : "standby of nobody";

    private static string Name(ApplicationRole role) => role == ApplicationRole.Primary ? "primary" : "standby";

    private void Say(string what)
    {
        _log.Info("{0}", what);
        Context.System.EventStream.Publish(new Happening("application", $"{_setup.Self}: {what}"));
    }

    private void Warn(string what)
    {
        _log.Warning("{0}", what);
        Context.System.EventStream.Publish(new Happening("application", $"{_setup.Self}: {what}"));
    }
}

/// <summary>What the application's actor needs of its node.</summary>
/// <param name="Lease">For how long a primary without a lease still counts as one here.</param>
/// <param name="Start">Calls the handler.</param>
internal sealed record ApplicationSetup(
    NodeId Self,
    RoleKeeperOptions Keeper,
    ApplicationHealth Health,
    TimeSpan Lease,
    Func<RoleWish, HandlerRun> Start,
    MonotonicClock Clock,
    StatusBoard Board,
    Knowledge Knowledge,
    PeerSights Sights,
    PeerDirectory Directory,
    IActorRef Heartbeat,
    FailoverMetrics Metrics
);

/// <param name="Ended">Null if the application is now what it was told to be, else what went wrong. Never fails.</param>
/// <param name="Abort">May be called at any time, also when it has ended.</param>
internal sealed record HandlerRun(Task<string?> Ended, Action Abort);
