using System.Diagnostics;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster.Gossiping;
using Akka.Cluster.Membership;
using Akka.Cluster.Node;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster.Daemon;

/// <summary>Runs one <see cref="ClusterNode"/>: messages, commands and time in; messages, events and a changed state out.</summary>
/// <remarks>One timer, armed for the node's next deadline. Lives on a dispatcher of its own, so that load elsewhere does not look like death.</remarks>
internal sealed class ClusterDaemon : ReceiveActor
{
    private static readonly TimeSpan QuarantineReachableAfter = TimeSpan.FromSeconds(5);

    private readonly Cluster _cluster;
    private readonly ClusterNode _node;
    private readonly EventPublisher _publisher;
    private readonly ILoggingAdapter _log;
    private readonly List<NodeEffect> _effects = [];
    private readonly Dictionary<Address, IActorRef> _daemons = [];
    private TimeSpan? _armedFor;
    private ICancelable? _timer;

    public ClusterDaemon(Cluster cluster, NodeOptions options)
    {
        _cluster = cluster;
        _node = new ClusterNode(options, new Random());
        _log = Logging.GetLogger(Context.System, "Cluster");
        _publisher = new EventPublisher(_log);

        Receive<ClusterMessage>(message => Drive((now, effects) => _node.Receive(message, now, effects)));
        Receive<DaemonCommand>(OnCommand);
        Receive<AssociationErrorEvent>(OnAssociationError);
        Receive<ThisActorSystemQuarantinedEvent>(OnQuarantinedThere);
        Receive<Terminated>(terminated => _publisher.Unsubscribe(terminated.ActorRef, null));
    }

    private TimeSpan Elapsed => Context.System.Scheduler.MonotonicClock;

    private Moment Now => new(Elapsed, Context.System.Scheduler.Now.ToUnixTimeSeconds());

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
    }

    protected override void PostStop()
    {
        _timer?.Cancel();
        Context.System.EventStream.Unsubscribe(Self);
        if (!_cluster.IsTerminated)
            _publisher.Publish([ClusterEvent.ClusterShuttingDown.Instance]);
        _cluster.Ended();
    }

    private void OnCommand(DaemonCommand command)
    {
        switch (command)
        {
            case DaemonCommand.Subscribe subscribe:
                Context.Watch(subscribe.Subscriber);
                _publisher.Subscribe(subscribe, _node.View);
                break;
            case DaemonCommand.Unsubscribe unsubscribe:
                if (!_publisher.Unsubscribe(unsubscribe.Subscriber, unsubscribe.To))
                    Context.Unwatch(unsubscribe.Subscriber);
                break;
            case DaemonCommand.SendState send:
                send.Receiver.Tell(_cluster.State, Self);
                break;
            case DaemonCommand.JoinSeeds join:
                Drive((now, effects) => _node.JoinSeeds(join.Seeds, now, effects));
                break;
            case DaemonCommand.Leave leave:
                Drive((now, effects) => _node.Leave(leave.Address, now, effects));
                break;
            case DaemonCommand.Down down:
                Drive((now, effects) => _node.Down(down.Address, now, effects));
                break;
            case DaemonCommand.ConfirmExiting:
                Drive(_node.ConfirmExiting);
                break;
            case DaemonCommand.Quarantine quarantine:
                (_cluster.System.Provider as RemoteActorRefProvider)?.Quarantine(
                    quarantine.Node.Address,
                    quarantine.Node.Uid
                );
                break;
            case DaemonCommand.Tick:
                _armedFor = null;
                Drive(_node.Tick);
                break;
            default:
                throw new UnreachableException($"Unhandled command: {command}");
        }
    }

    private void OnAssociationError(AssociationErrorEvent error)
    {
        // Only a refusal proves that nobody is there; an unanswered call may be a slow network.
        for (var cause = error.Cause; cause is not null; cause = cause.InnerException)
            if (cause is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                Drive((now, effects) => _node.Refused(error.RemoteAddress, now, effects));
                return;
            }
    }

    /// <summary>Another member has removed this node, which was cut off and could not be told by gossip.</summary>
    private void OnQuarantinedThere(ThisActorSystemQuarantinedEvent quarantined)
    {
        var by = _node.View.Gossip.At(quarantined.RemoteAddress);
        if (by is not { Status: not MemberStatus.Down })
            return;

        _log.Warning("{0} has removed this node: it downs itself", quarantined.RemoteAddress);
        Drive((now, effects) => _node.Down(_node.Self.Address, now, effects));
    }

    private void Drive(Action<Moment, ICollection<NodeEffect>> step)
    {
        step(Now, _effects);
        foreach (var effect in _effects)
            Perform(effect);
        _effects.Clear();
        Rearm();
    }

    private void Perform(NodeEffect effect)
    {
        switch (effect)
        {
            case NodeEffect.Send send:
                DaemonAt(send.To).Tell(send.Message, ActorRefs.NoSender);
                break;
            case NodeEffect.Changed changed:
                OnChanged(changed);
                break;
            case NodeEffect.Gone gone:
                OnGone(gone);
                break;
            case NodeEffect.JoinFailed:
                _log.Error("No seed node let this node join: shutting down");
                _cluster.JoinFailed();
                break;
            case NodeEffect.Note { IsWarning: true } note:
                _log.Warning("{0} - {1}", _node.Self.Address, note.Text);
                break;
            case NodeEffect.Note note:
                LogInfo(note.Text);
                break;
            default:
                throw new UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private void OnChanged(NodeEffect.Changed changed)
    {
        var before = new ClusterView(changed.Before, _node.Self);
        var after = new ClusterView(changed.After, _node.Self);

        // The state first: who hears of an event finds it in the state.
        _cluster.Update(after);
        var events = ClusterChanges.Between(before, after).ToArray();
        foreach (var memberEvent in events.OfType<ClusterEvent.IMemberEvent>())
            LogInfo($"{memberEvent.Member.Address} is {memberEvent.Member.Status}");
        _publisher.Publish(events);
        foreach (var removed in events.OfType<ClusterEvent.MemberRemoved>())
            GiveUp(removed, before);
        _cluster.Reached(after);
    }

    /// <summary>
    /// Ends what remoting still holds for a removed node, so that watches on its actors fire. One that can hear still gets the
    /// news of its removal first. One that its restart has replaced is left to remoting, which meets the new one on the same line.
    /// </summary>
    private void GiveUp(ClusterEvent.MemberRemoved removed, ClusterView before)
    {
        var node = removed.Member.UniqueAddress;
        if (node.Equals(_node.Self) || removed.PreviousStatus is not (MemberStatus.Down or MemberStatus.Exiting))
            return;

        Context.System.Scheduler.ScheduleTellOnce(
            before.Unreachable.Contains(node) ? TimeSpan.Zero : QuarantineReachableAfter,
            Self,
            new DaemonCommand.Quarantine(node),
            ActorRefs.NoSender
        );
    }

    private void OnGone(NodeEffect.Gone gone)
    {
        LogInfo(gone.Last == MemberStatus.Down ? "The cluster has declared this node down" : "Left the cluster");
        _cluster.Terminated();
        if (_node.View.Gossip.Members.TryGetValue(_node.Self, out var self))
            _publisher.Publish([new ClusterEvent.MemberRemoved(self.Copy(MemberStatus.Removed), self.Status)]);
        _publisher.Publish([ClusterEvent.ClusterShuttingDown.Instance]);

        // Last: it lets the shutdown go on, which ends the subscribers.
        _cluster.Gone(gone.Last);
    }

    private IActorRef DaemonAt(Address address)
    {
        if (_daemons.TryGetValue(address, out var daemon))
            return daemon;

        var path = new RootActorPath(address) / "system" / Self.Path.Name;
        return _daemons[address] = _cluster.System.Provider.ResolveActorRef(path);
    }

    private void Rearm()
    {
        if (_node.NextDeadline is not { } due || _armedFor <= due)
            return;

        _timer?.Cancel();
        _armedFor = due;
        var delay = due - Elapsed;
        _timer = Context.System.Scheduler.ScheduleTellOnceCancelable(
            delay > TimeSpan.Zero ? delay : TimeSpan.Zero,
            Self,
            new DaemonCommand.Tick(),
            ActorRefs.NoSender
        );
    }

    private void LogInfo(string text)
    {
        if (_cluster.Settings.LogInfo)
            _log.Info("{0} - {1}", _node.Self.Address, text);
    }
}
