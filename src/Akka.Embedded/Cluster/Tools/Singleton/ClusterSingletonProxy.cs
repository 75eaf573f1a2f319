using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Passes messages on to a singleton wherever it lives, and keeps some while it moves.</summary>
public sealed class ClusterSingletonProxy : ReceiveActor
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(10);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly KeptMessages _kept;
    private readonly Dictionary<UniqueAddress, Member> _members = [];
    private readonly string[] _path;
    private readonly ClusterSingletonProxySettings _settings;
    private IActorRef? _singleton;
    private UniqueAddress? _oldest;
    private int _search;
    private TimeSpan _nextRetry;
    private ICancelable? _retry;

    /// <param name="singletonManagerPath">The managers' path without address, such as "/user/monitor".</param>
    public ClusterSingletonProxy(string singletonManagerPath, ClusterSingletonProxySettings settings)
    {
        _settings = settings;
        _kept = new KeptMessages(Context, _log, settings.BufferSize);
        _path = [.. singletonManagerPath.Split('/', StringSplitOptions.RemoveEmptyEntries), settings.SingletonName];

        Receive<ClusterEvent.MemberRemoved>(e =>
        {
            _members.Remove(e.Member.UniqueAddress);
            LookForOldest();
        });
        Receive<ClusterEvent.IMemberEvent>(e =>
        {
            if (string.IsNullOrEmpty(settings.Role) || e.Member.HasRole(settings.Role))
                _members[e.Member.UniqueAddress] = e.Member;
            LookForOldest();
        });
        Receive<SearchAgain>(again =>
        {
            if (again.Search == _search && _singleton is null)
                Identify();
        });
        Receive<ActorIdentity>(OnIdentity);
        Receive<Terminated>(OnTerminated);
        ReceiveAny(Pass);
    }

    private sealed record SearchAgain(int Search) : INoSerializationVerificationNeeded;

    public static Props Props(string singletonManagerPath, ClusterSingletonProxySettings settings) =>
        Actor.Props.From(() => new ClusterSingletonProxy(singletonManagerPath, settings));

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop()
    {
        _retry?.Cancel();
        _cluster.Unsubscribe(Self);
    }

    private void LookForOldest()
    {
        var oldest = _members
            .Values.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Down)
            .Min(Member.AgeOrdering)
            ?.UniqueAddress;
        if (Equals(oldest, _oldest))
            return;

        _oldest = oldest;
        Forget();
        Search();
    }

    /// <summary>Asks at once, then again and again, soon at first: a singleton is usually there a moment after its node is chosen.</summary>
    private void Search()
    {
        _search++;
        _nextRetry = FirstRetry;
        if (_oldest is not null)
            Identify();
    }

    private void Identify()
    {
        if (_oldest is not { } oldest)
            return;

        _cluster
            .System.Provider.ResolveActorRef(new RootActorPath(oldest.Address) / _path)
            .Tell(new Identify(_search), Self);

        _retry?.Cancel();
        _retry = Context.System.Scheduler.ScheduleTellOnceCancelable(
            _nextRetry,
            Self,
            new SearchAgain(_search),
            ActorRefs.NoSender
        );
        var doubled = _nextRetry * 2;
        _nextRetry =
            doubled < _settings.SingletonIdentificationInterval ? doubled : _settings.SingletonIdentificationInterval;
    }

    private void OnIdentity(ActorIdentity identity)
    {
        if (!Equals(identity.MessageId, _search) || identity.Subject is not { } subject || _singleton is not null)
            return;

        _log.Debug("Singleton identified at [{0}]", subject.Path);
        _retry?.Cancel();
        _singleton = Context.Watch(subject);
        _kept.DeliverTo(subject);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (!terminated.ActorRef.Equals(_singleton))
            return;

        // It may be started again on the same node, or on another one that this node will hear of.
        _singleton = null;
        Search();
    }

    private void Forget()
    {
        if (_singleton is { } known)
            Context.Unwatch(known);
        _singleton = null;
    }

    private void Pass(object message)
    {
        if (_singleton is { } singleton)
            singleton.Forward(message);
        else
            _kept.Keep(message, Sender);
    }
}
