using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Client;

/// <summary>Lets clients of the cluster in: tells them of other receptionists and delivers what they send to registered services.</summary>
/// <remarks>
/// Receptionists tell each other at once what is registered on their nodes. A list that was lost is made up for by the one that
/// each sends to a random other from time to time.
/// </remarks>
internal sealed class Receptionist : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromSeconds(5);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ReceptionistOptions _options;
    private readonly ServiceRegistry _services = new();
    private readonly HashSet<UniqueAddress> _others = [];
    private readonly HashSet<IActorRef> _clients = [];
    private readonly Dictionary<IActorRef, IActorRef> _tunnels = [];

    public Receptionist(ReceptionistOptions options)
    {
        _options = options;
        Receive<ClusterClient.Send>(OnSend);
        Receive<ClusterClient.SendToAll>(OnSendToAll);
        Receive<ClientProtocol.GetContacts>(_ => OnGetContacts());
        Receive<ClientProtocol.Heartbeat>(_ => OnHeartbeat());
        Receive<ClientProtocol.Services>(OnServices);
        Receive<Register>(register => OnRegister(register.Service));
        Receive<Unregister>(unregister => OnUnregister(unregister.Service));
        Receive<Terminated>(OnTerminated);
        Receive<Repeat>(_ => OnRepeat());
        Receive<ClusterEvent.MemberRemoved>(removed => OnRemoved(removed.Member));
        Receive<ClusterEvent.IMemberEvent>(changed => OnMember(changed.Member));
    }

    public sealed record Register(IActorRef Service) : INoSerializationVerificationNeeded;

    public sealed record Unregister(IActorRef Service) : INoSerializationVerificationNeeded;

    private sealed record Repeat : INoSerializationVerificationNeeded;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(nameof(Repeat), new Repeat(), RepeatEvery);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        foreach (var client in _clients)
            client.Tell(new ClientProtocol.ReceptionistShutdown(), Self);
    }

    private void OnSend(ClusterClient.Send send)
    {
        var own = _services.OwnAt(send.Path);
        var others = ReachableWith(send.Path).ToArray();
        var choice = own is null ? Random.Shared.Next(others.Length) : Random.Shared.Next(others.Length + 1);
        if (own is not null && (send.LocalAffinity || choice == others.Length))
            own.Tell(send.Message, TunnelTo(Sender));
        else if (others.Length > 0)
            ServiceAt(others[choice], send.Path).Tell(send.Message, TunnelTo(Sender));
        else
            Context.System.DeadLetters.Tell(send.Message, Sender);
    }

    private void OnSendToAll(ClusterClient.SendToAll send)
    {
        var tunnel = TunnelTo(Sender);
        _services.OwnAt(send.Path)?.Tell(send.Message, tunnel);
        foreach (var node in _services.OthersWith(send.Path))
            ServiceAt(node, send.Path).Tell(send.Message, tunnel);
    }

    private void OnGetContacts()
    {
        Meet(Sender);
        var self = Self.Path.ToStringWithAddress(_cluster.SelfAddress);
        var others = _others.Where(IsReachable).Select(node => PathAt(node).ToString()).ToArray();
        Random.Shared.Shuffle(others);
        Sender.Tell(new ClientProtocol.Contacts([self, .. others.Take(_options.NumberOfContacts - 1)]), Self);
    }

    private void OnHeartbeat()
    {
        Meet(Sender);
        Sender.Tell(new ClientProtocol.HeartbeatResponse(), Self);
    }

    private void Meet(IActorRef client)
    {
        if (_clients.Add(client))
            Context.Watch(client);
    }

    private void OnRegister(IActorRef service)
    {
        Context.Watch(service);
        _services.Register(service);
        TellAll();
    }

    private void OnUnregister(IActorRef service)
    {
        if (!_services.Unregister(service))
            return;

        Context.Unwatch(service);
        TellAll();
    }

    private void OnTerminated(Terminated terminated)
    {
        if (_clients.Remove(terminated.ActorRef))
            _log.Debug("The client [{0}] is gone", terminated.ActorRef);
        else if (_services.Unregister(terminated.ActorRef))
            TellAll();
        else
            foreach (var (client, _) in _tunnels.Where(t => t.Value.Equals(terminated.ActorRef)).ToArray())
                _tunnels.Remove(client);
    }

    private void OnMember(Member member)
    {
        var isHost = member.Status is MemberStatus.Up or MemberStatus.WeaklyUp && HasRole(member);
        if (isHost && !IsSelf(member.UniqueAddress) && _others.Add(member.UniqueAddress))
            TellServices(member.UniqueAddress, wantsAnswer: true);
    }

    private void OnRemoved(Member member)
    {
        _others.Remove(member.UniqueAddress);
        _services.Forget(member.UniqueAddress);
    }

    private void OnServices(ClientProtocol.Services services)
    {
        if (_others.Contains(services.From))
            _services.Learn(services.From, services.Version, services.Paths);
        if (services.WantsAnswer && _cluster.State.Members.Any(m => m.UniqueAddress.Equals(services.From)))
            TellServices(services.From);
    }

    private void OnRepeat()
    {
        if (_others.Count > 0)
            TellServices(_others.ElementAt(Random.Shared.Next(_others.Count)));
    }

    private void TellAll()
    {
        foreach (var node in _others)
            TellServices(node);
    }

    private void TellServices(UniqueAddress node, bool wantsAnswer = false) =>
        Resolve(PathAt(node))
            .Tell(
                new ClientProtocol.Services(_cluster.SelfUniqueAddress, _services.Version, _services.Own, wantsAnswer),
                Self
            );

    private IActorRef TunnelTo(IActorRef client)
    {
        if (_tunnels.TryGetValue(client, out var tunnel))
            return tunnel;

        var timeout = _options.TunnelTimeout;
        tunnel = Context.Watch(Context.ActorOf(Props.From(() => new ResponseTunnel(client, timeout))));
        return _tunnels[client] = tunnel;
    }

    private IEnumerable<UniqueAddress> ReachableWith(string path) =>
        _services.OthersWith(path).Where(node => _others.Contains(node) && IsReachable(node));

    private bool IsReachable(UniqueAddress node) =>
        _cluster.State.Unreachable.All(member => !member.UniqueAddress.Equals(node));

    private IActorRef ServiceAt(UniqueAddress node, string path) =>
        Resolve(new RootActorPath(node.Address) / path.Split('/', StringSplitOptions.RemoveEmptyEntries));

    private ActorPath PathAt(UniqueAddress node) => new RootActorPath(node.Address) / Self.Path.Elements;

    private IActorRef Resolve(ActorPath path) => _cluster.System.Provider.ResolveActorRef(path);

    private bool IsSelf(UniqueAddress node) => node.Equals(_cluster.SelfUniqueAddress);

    private bool HasRole(Member member) => _options.Role.Length == 0 || member.HasRole(_options.Role);
}
