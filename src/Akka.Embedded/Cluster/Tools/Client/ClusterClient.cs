using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Client;

/// <summary>A way into a cluster for a system that is no member of it: passes messages on through one of its receptionists.</summary>
/// <remarks>
/// Wrap messages in <see cref="Send"/> or <see cref="SendToAll"/>. Answers come back through the receptionist, without a sender.
/// While there is no connection messages are kept, as many as the settings say; any message may be lost.
/// </remarks>
public sealed partial class ClusterClient : ActorBase
{
    private readonly ClusterClientSettings _settings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly KeptMessages _kept;
    private ImmutableHashSet<ActorPath> _contacts;
    private IActorRef? _receptionist;
    private TimeSpan _lastHeard;
    private TimeSpan _lastRefresh;
    private TimeSpan _searchingSince;
    private ICancelable? _timer;

    /// <exception cref="ArgumentException">The settings name no contacts.</exception>
    public ClusterClient(ClusterClientSettings settings)
    {
        if (settings.InitialContacts.Count == 0)
            throw new ArgumentException($"The cluster client [{Self.Path}] needs initial contacts", nameof(settings));

        _settings = settings;
        _kept = new KeptMessages(Context, _log, settings.BufferSize);
        _contacts = [.. settings.InitialContacts];
        Search();
    }

    /// <summary>The interval of the present state has passed.</summary>
    private sealed record Tick : INoSerializationVerificationNeeded;

    public static Props Props(ClusterClientSettings settings) => Actor.Props.From(() => new ClusterClient(settings));

    protected override void PostStop() => _timer?.Cancel();

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case ClusterClient.Send or SendToAll:
                Pass(message);
                return true;
            case ClientProtocol.Contacts contacts:
                OnContacts(contacts.Paths);
                return true;
            case ActorIdentity { Subject: { } subject } when _receptionist is null:
                OnFound(subject);
                return true;
            case ActorIdentity:
                return true;
            case ClientProtocol.HeartbeatResponse when Sender.Equals(_receptionist):
                _lastHeard = _scheduler.MonotonicClock;
                return true;
            case ClientProtocol.HeartbeatResponse:
                return true;
            case ClientProtocol.ReceptionistShutdown:
                if (Sender.Equals(_receptionist))
                    Lose("has stopped");
                return true;
            case Tick:
                OnTick();
                return true;
            default:
                return false;
        }
    }

    private void Pass(object message)
    {
        if (_receptionist is { } receptionist)
            receptionist.Forward(message);
        else
            _kept.Keep(message, Sender);
    }

    /// <summary>Looks for a receptionist among those it knows and those it was given, of which all may have moved meanwhile.</summary>
    private void Search()
    {
        _receptionist = null;
        _searchingSince = _scheduler.MonotonicClock;
        _contacts = _contacts.Union(_settings.InitialContacts);
        AskContacts();
        Rearm(_settings.EstablishingGetContactsInterval);
    }

    private void AskContacts()
    {
        foreach (var contact in _contacts)
            Context.ActorSelection(contact).Tell(new ClientProtocol.GetContacts(), Self);
    }

    private void OnContacts(ImmutableArray<string> paths)
    {
        if (paths.IsEmpty)
            return;

        var contacts = paths.Select(ActorPath.Parse).ToArray();
        if (_receptionist is null)
        {
            _contacts = _contacts.Union(contacts);
            foreach (var contact in contacts)
                Context.ActorSelection(contact).Tell(new Identify("receptionist"), Self);
        }
        else
            _contacts = [.. contacts];
    }

    private void OnFound(IActorRef receptionist)
    {
        _log.Info("Connected to [{0}]", receptionist.Path);
        _receptionist = receptionist;
        _lastHeard = _lastRefresh = _scheduler.MonotonicClock;
        _kept.DeliverTo(receptionist);
        Beat(receptionist);
    }

    private void OnTick()
    {
        var now = _scheduler.MonotonicClock;
        if (_receptionist is not { } receptionist)
        {
            if (now - _searchingSince >= _settings.ReconnectTimeout)
            {
                _log.Warning(
                    "No receptionist within the reconnect-timeout of [{0}]: stopping",
                    _settings.ReconnectTimeout
                );
                Context.Stop(Self);
                return;
            }

            AskContacts();
            Rearm(_settings.EstablishingGetContactsInterval);
            return;
        }

        if (now - _lastHeard >= _settings.HeartbeatInterval + _settings.AcceptableHeartbeatPause)
        {
            Lose("is silent");
            return;
        }

        if (now - _lastRefresh >= _settings.RefreshContactsInterval)
        {
            _lastRefresh = now;
            receptionist.Tell(new ClientProtocol.GetContacts(), Self);
        }

        Beat(receptionist);
    }

    private void Beat(IActorRef receptionist)
    {
        receptionist.Tell(new ClientProtocol.Heartbeat(), Self);
        Rearm(
            _settings.HeartbeatInterval < _settings.RefreshContactsInterval
                ? _settings.HeartbeatInterval
                : _settings.RefreshContactsInterval
        );
    }

    private void Lose(string why)
    {
        _log.Info("The receptionist [{0}] {1}: looking for another one", _receptionist?.Path, why);
        Search();
    }

    private void Rearm(TimeSpan delay)
    {
        if (_receptionist is null && _settings.ReconnectTimeout is { } timeout)
        {
            var left = _searchingSince + timeout - _scheduler.MonotonicClock;
            delay = left < delay ? left : delay;
        }

        _timer?.Cancel();
        _timer = _scheduler.ScheduleTellOnceCancelable(
            delay > TimeSpan.Zero ? delay : TimeSpan.Zero,
            Self,
            new Tick(),
            ActorRefs.NoSender
        );
    }
}
