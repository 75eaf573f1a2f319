using System.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// Runs one actor on the oldest node of a role, and nowhere else. Start it on every node of the role, under the same path.
/// </summary>
public sealed class ClusterSingletonManager : ActorBase
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly TaskCompletionSource<Done> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SingletonEffect> _effects = [];
    private readonly Props _singletonProps;
    private readonly object _terminationMessage;
    private readonly ClusterSingletonManagerSettings _settings;
    private readonly SingletonMachine _machine;
    private IActorRef? _singleton;
    private ICancelable? _retry;

    public ClusterSingletonManager(
        Props singletonProps,
        object terminationMessage,
        ClusterSingletonManagerSettings settings
    )
    {
        _singletonProps = singletonProps;
        _terminationMessage = terminationMessage;
        _settings = settings;
        var role = settings.Role;
        if (!string.IsNullOrEmpty(role) && !_cluster.SelfRoles.Contains(role))
            throw new ArgumentException($"This cluster member [{_cluster.SelfAddress}] doesn't have the role [{role}]");

        _machine = new SingletonMachine(
            _cluster.SelfUniqueAddress,
            member => string.IsNullOrEmpty(role) || member.HasRole(role)
        );
    }

    /// <param name="terminationMessage">Asks the instance to stop itself when it must move; it may finish its work first.</param>
    public static Props Props(
        Props singletonProps,
        object terminationMessage,
        ClusterSingletonManagerSettings settings
    ) => Actor.Props.From(() => new ClusterSingletonManager(singletonProps, terminationMessage, settings));

    public static Props Props(Props singletonProps, ClusterSingletonManagerSettings settings) =>
        Props(singletonProps, PoisonPill.Instance, settings);

    protected override void PreStart()
    {
        if (_cluster.IsTerminated)
            throw new ActorInitializationException(
                Self,
                $"Cluster node [{_cluster.SelfAddress}] is terminated, no singleton can be hosted on it"
            );

        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.ClusterShuttingDown)
        );
        CoordinatedShutdown
            .Get(Context.System)
            .AddTask(CoordinatedShutdown.PhaseClusterExiting, $"singleton-exiting-{Self.Path}", () => _finished.Task);
    }

    protected override void PostStop()
    {
        _retry?.Cancel();
        _cluster.Unsubscribe(Self);
        _finished.TrySetResult(Done.Instance);
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case ClusterEvent.CurrentClusterState state:
                Drive(new SingletonInput.Began([.. state.Members]));
                return true;
            case ClusterEvent.MemberRemoved removed:
                Drive(new SingletonInput.MemberRemoved(removed.Member.UniqueAddress, removed.PreviousStatus));
                return true;
            case ClusterEvent.IMemberEvent changed:
                Drive(new SingletonInput.MemberChanged(changed.Member));
                return true;
            case ClusterEvent.ClusterShuttingDown:
                Context.Stop(Self);
                return true;
            case HandOverToMe ask:
                Drive(new SingletonInput.HandOverAsked(ask.From, ask.To));
                return true;
            case HandOverDone done:
                Drive(new SingletonInput.HandedOver(done.From));
                return true;
            case SingletonInput input:
                Drive(input);
                return true;
            case Terminated terminated when terminated.ActorRef.Equals(_singleton):
                _singleton = null;
                Drive(new SingletonInput.SingletonStopped());
                return true;
            default:
                return false;
        }
    }

    private void Drive(SingletonInput input)
    {
        _machine.Step(input, _effects);
        var performed = _effects.ToArray();
        _effects.Clear();
        foreach (var effect in performed)
            Perform(effect);
        Rearm();
    }

    private void Perform(SingletonEffect effect)
    {
        switch (effect)
        {
            case SingletonEffect.Start:
                _log.Info("Singleton manager starting singleton actor [{0}]", Self.Path / _settings.SingletonName);
                _singleton = Context.Watch(Context.ActorOf(_singletonProps, _settings.SingletonName));
                break;
            case SingletonEffect.Stop:
                _log.Info("Singleton manager stopping singleton actor [{0}]", Self.Path / _settings.SingletonName);
                _singleton?.Tell(_terminationMessage, Self);
                break;
            case SingletonEffect.AskForHandOver ask:
                ManagerAt(ask.From.Address).Tell(new HandOverToMe(_cluster.SelfUniqueAddress, ask.From), Self);
                break;
            case SingletonEffect.ConfirmHandOver confirm:
                ManagerAt(confirm.To.Address).Tell(new HandOverDone(_cluster.SelfUniqueAddress), Self);
                break;
            case SingletonEffect.AwaitMargin wait:
                var margin =
                    _settings.RemovalMargin > TimeSpan.Zero
                        ? _settings.RemovalMargin
                        : _cluster.DowningProvider.DownRemovalMargin;
                Context.System.Scheduler.ScheduleTellOnce(
                    margin,
                    Self,
                    new SingletonInput.MarginPassed(wait.Node),
                    ActorRefs.NoSender
                );
                break;
            case SingletonEffect.Finished:
                _finished.TrySetResult(Done.Instance);
                break;
            default:
                throw new UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private IActorRef ManagerAt(Address address) =>
        _cluster.System.Provider.ResolveActorRef(new RootActorPath(address) / Self.Path.Elements);

    private void Rearm()
    {
        _retry?.Cancel();
        _retry = _machine.IsWaiting
            ? Context.System.Scheduler.ScheduleTellOnceCancelable(
                _settings.HandOverRetryInterval,
                Self,
                new SingletonInput.RetryDue(),
                ActorRefs.NoSender
            )
            : null;
    }
}
