using Akka.Actor;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>The references of a system that talks to others.</summary>
internal sealed class RemoteActorRefProvider : LocalActorRefProvider, IDisposable
{
    private readonly Remoting _remoting;

    public RemoteActorRefProvider(ActorSystemImpl system)
        : base(system)
    {
        var config = system.Settings.Config.GetConfig("akka.remote") ?? Config.Empty;
        _remoting = new Remoting(this, new RemotingSettings(config));
        // The address must be known before anything is serialized under it, the port before others are told of it.
        _remoting.Listen();
    }

    public Remoting Remoting => _remoting;

    /// <summary>Which incarnation of its address this system is.</summary>
    public int Uid => _remoting.Uid;

    public override Address DefaultAddress => _remoting is null ? LocalAddress : _remoting.Address;

    public override void Start() => _remoting.Accept();

    public override Task Shutdown() => _remoting.ShutdownAsync();

    public void Dispose() => _remoting.Dispose();

    /// <summary>Gives an incarnation of another system up: its watched actors count as terminated, its messages are refused.</summary>
    public void Quarantine(Address address, int uid) => _remoting.Quarantine(address, uid);

    public override IActorRef RootGuardianAt(Address address) => ResolveActorRef(new RootActorPath(address));

    public override IActorRef ResolveActorRef(ActorPath actorPath)
    {
        var address = actorPath.Address;
        if (IsOwn(address))
            return ResolveLocal(actorPath);
        if (address.HasGlobalScope && address.Protocol == DefaultAddress.Protocol)
            return new RemoteActorRef(_remoting.AssociationWith(address), actorPath);
        if (address.HasGlobalScope)
            _remoting.Unreachable(address);
        return new EmptyLocalActorRef(System, actorPath);
    }

    public override Address? GetExternalAddressFor(Address address)
    {
        if (IsOwn(address))
            return address;
        return address.HasGlobalScope && address.Protocol == DefaultAddress.Protocol ? DefaultAddress : null;
    }

    /// <summary>An ask of this system that somebody answers.</summary>
    public IInternalActorRef ResolveTemp(long number) =>
        Temp.Find(number) ?? new EmptyLocalActorRef(System, Temp.PathOf(number));
}
