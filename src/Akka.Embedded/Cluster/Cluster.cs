using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Daemon;
using Akka.Cluster.Gossiping;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>This process's membership in the cluster. May be used from any thread.</summary>
public partial class Cluster : IExtension
{
    private readonly IActorRef _daemon;
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ClusterEvent.CurrentClusterState _state = new();
    private volatile bool _isTerminated;

    internal Cluster(ActorSystemImpl system)
    {
        System = system;
        if (!system.Settings.HasCluster)
        {
            throw new Configuration.ConfigurationException(
                $"ActorSystem [{system.Name}] needs to have 'akka.actor.provider = cluster' in the configuration"
            );
        }

        Settings = new ClusterSettings(system.Settings.Config, system.Name);
        SelfUniqueAddress = new UniqueAddress(system.Provider.DefaultAddress, AddressUidExtension.Uid(system));
        DowningProvider = CreateDowningProvider();
        var options = CreateNodeOptions();
        _daemon = system.SystemActorOf(
            Props.From(() => new ClusterDaemon(this, options)).WithDispatcher(Settings.UseDispatcher),
            "cluster"
        );
        if (DowningProvider.DowningActorProps is { } downing)
            system.SystemActorOf(downing, "clusterDowning");
        TakePartInShutdown();
        if (!Settings.SeedNodes.IsEmpty)
            JoinSeedNodes(Settings.SeedNodes);
    }

    public ClusterSettings Settings { get; }

    public UniqueAddress SelfUniqueAddress { get; }

    public Address SelfAddress => SelfUniqueAddress.Address;

    public ImmutableHashSet<string> SelfRoles => Settings.Roles;

    /// <summary>The newest view of this node. Events are published after it has changed.</summary>
    public ClusterEvent.CurrentClusterState State => _state;

    /// <summary>Removed while this node is in no cluster.</summary>
    public Member SelfMember =>
        _state.Members.FirstOrDefault(member => member.UniqueAddress.Equals(SelfUniqueAddress))
        ?? new Member(SelfUniqueAddress, int.MaxValue, MemberStatus.Removed, SelfRoles, Settings.AppVersion);

    public bool IsTerminated => _isTerminated;

    public bool IsUp => SelfMember.Status is MemberStatus.Up or MemberStatus.WeaklyUp;

    public ExtendedActorSystem System { get; }

    public IDowningProvider DowningProvider { get; }

    public static Cluster Get(ActorSystem system) => new ClusterExtension().Get(system);

    /// <summary>The subscriber first gets the <see cref="ClusterEvent.CurrentClusterState"/>, then events of the given types.</summary>
    public void Subscribe(IActorRef subscriber, params Type[] to) =>
        Subscribe(subscriber, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, to);

    public void Subscribe(
        IActorRef subscriber,
        ClusterEvent.SubscriptionInitialStateMode initialStateMode,
        params Type[] to
    )
    {
        if (to.Length == 0)
            throw new ArgumentException("At least one `IClusterDomainEvent` class is required", nameof(to));
        if (to.FirstOrDefault(type => !typeof(ClusterEvent.IClusterDomainEvent).IsAssignableFrom(type)) is { } wrong)
            throw new ArgumentException($"Subscribe to `IClusterDomainEvent` or subclasses, was [{wrong}]", nameof(to));

        _daemon.Tell(new DaemonCommand.Subscribe(subscriber, initialStateMode, [.. to]), ActorRefs.NoSender);
    }

    public void Unsubscribe(IActorRef subscriber) =>
        _daemon.Tell(new DaemonCommand.Unsubscribe(subscriber, null), ActorRefs.NoSender);

    public void Unsubscribe(IActorRef subscriber, Type to) =>
        _daemon.Tell(new DaemonCommand.Unsubscribe(subscriber, to), ActorRefs.NoSender);

    public void SendCurrentClusterState(IActorRef receiver) =>
        _daemon.Tell(new DaemonCommand.SendState(receiver), ActorRefs.NoSender);

    public void Join(Address address) => JoinSeedNodes([address]);

    /// <summary>Completes when this node is Up.</summary>
    /// <exception cref="ClusterJoinFailedException">The node was not let in, or the cluster has ended here.</exception>
    public Task JoinAsync(Address address, CancellationToken token = default) => JoinSeedNodesAsync([address], token);

    public void JoinSeedNodes(IEnumerable<Address> seedNodes) =>
        _daemon.Tell(new DaemonCommand.JoinSeeds([.. seedNodes.Select(FillLocal)]), ActorRefs.NoSender);

    /// <inheritdoc cref="JoinAsync"/>
    public Task JoinSeedNodesAsync(IEnumerable<Address> seedNodes, CancellationToken token = default)
    {
        JoinSeedNodes(seedNodes);
        return _up.Task.WaitAsync(token);
    }

    public void Leave(Address address) => _daemon.Tell(new DaemonCommand.Leave(FillLocal(address)), ActorRefs.NoSender);

    /// <summary>Completes when this node has been removed.</summary>
    public Task LeaveAsync() => LeaveAsync(CancellationToken.None);

    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (!_isTerminated)
            Leave(SelfAddress);
        return _gone.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Declares a member dead. It must be: what it goes on doing nobody will know.</summary>
    public void Down(Address address) => _daemon.Tell(new DaemonCommand.Down(FillLocal(address)), ActorRefs.NoSender);

    /// <summary>Runs <paramref name="callback"/> once, when this node is Up; at once if it is already.</summary>
    public void RegisterOnMemberUp(Action callback) =>
        _up.Task.ContinueWith(
            _ => Run(callback),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default
        );

    /// <summary>Runs <paramref name="callback"/> once, when this node is out of the cluster; at once if it is already.</summary>
    public void RegisterOnMemberRemoved(Action callback) =>
        _gone.Task.ContinueWith(_ => Run(callback), TaskScheduler.Default);

    /// <summary>The path under which other nodes reach <paramref name="actorRef"/>.</summary>
    public ActorPath RemotePathOf(IActorRef actorRef)
    {
        var path = actorRef.Path;
        return path.Address.Host is null ? WithSelfAddress(path) : path;
    }

    internal void Update(ClusterView view) => _state = ClusterChanges.StateOf(view);

    private ActorPath WithSelfAddress(ActorPath path) =>
        (new RootActorPath(SelfAddress) / path.Elements).WithUid(path.Uid);

    /// <summary>An address without host means this system, as it does elsewhere.</summary>
    private Address FillLocal(Address address) =>
        address.Host is null && address.System == SelfAddress.System ? SelfAddress : address;

    private void Run(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception e)
        {
            System.Log.Error(e, "A callback registered with the cluster failed");
        }
    }
}
