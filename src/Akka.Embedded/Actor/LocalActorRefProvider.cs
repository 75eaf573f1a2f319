using Akka.Dispatch;
using Akka.Util;

namespace Akka.Actor;

/// <summary>The references of a system that nobody reaches from outside; the base of those that can be reached.</summary>
internal class LocalActorRefProvider : IActorRefProvider
{
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LocalActorRefProvider(ActorSystemImpl system)
    {
        System = system;
        LocalAddress = new Address("akka", system.Name);
        RootPath = new RootActorPath(LocalAddress);
        DeadLetters = new DeadLetterActorRef(system, RootPath / "deadLetters");
        IgnoreRef = new IgnoreActorRef(RootPath / "ignore");
        var walker = new BubbleWalker(RootPath / "_Root-guardian-supervisor", _terminated);
        RootGuardian = new LocalActorRef(system, Props.From(() => new RootGuardian()), walker, RootPath);
        Temp = new TempActors(RootGuardian, RootPath / "temp");
        RootGuardian.Cell.ExtraNames["temp"] = Temp;
        RootGuardian.Cell.ExtraNames["deadLetters"] = (IInternalActorRef)DeadLetters;
        RootGuardian.Start();
        // The user guardian ends first; loggers and the like, below the system guardian, see it end.
        SystemGuardian = RootGuardian.Cell.AttachChild(Props.From(() => new SystemGuardian()), "system");
        var strategy = TypeByName
            .Create<SupervisorStrategyConfigurator>(system.Settings.SupervisorStrategyClass)
            .Create();
        Guardian = RootGuardian.Cell.AttachChild(
            Props.From(() => new UserGuardian()).WithSupervisorStrategy(strategy),
            "user"
        );
    }

    public ActorSystemImpl System { get; }

    public Address LocalAddress { get; }

    public IActorRef DeadLetters { get; }

    public IActorRef IgnoreRef { get; }

    public LocalActorRef RootGuardian { get; }

    public LocalActorRef Guardian { get; }

    public LocalActorRef SystemGuardian { get; }

    public ActorPath RootPath { get; }

    public Settings Settings => System.Settings;

    /// <summary>Asks that other systems may answer.</summary>
    public TempActors Temp { get; }

    public Task TerminationTask => _terminated.Task;

    public virtual Address DefaultAddress => LocalAddress;

    /// <summary>Called once the guardians run: opens what is needed to be reached.</summary>
    public virtual void Start() { }

    /// <summary>Called once the user's actors have ended.</summary>
    public virtual Task Shutdown() => Task.CompletedTask;

    public virtual IActorRef RootGuardianAt(Address address) =>
        IsOwn(address) ? RootGuardian : new EmptyLocalActorRef(System, new RootActorPath(address));

    public IActorRef ResolveActorRef(string path) =>
        ActorPath.TryParse(path, out var parsed) ? ResolveActorRef(parsed) : DeadLetters;

    public virtual IActorRef ResolveActorRef(ActorPath actorPath) =>
        IsOwn(actorPath.Address) ? ResolveLocal(actorPath) : new EmptyLocalActorRef(System, actorPath);

    public virtual Address? GetExternalAddressFor(Address address) => IsOwn(address) ? address : null;

    public virtual bool IsOwn(Address address) => address.Equals(LocalAddress) || address.Equals(DefaultAddress);

    protected IActorRef ResolveLocal(ActorPath path)
    {
        var found = RootGuardian.GetChild(((string[])path.Elements).AsSpan());
        return !found.IsNobody() && (path.Uid == 0 || path.Uid == found.Path.Uid)
            ? found
            : new EmptyLocalActorRef(System, path);
    }

    /// <summary>The parent of the root: where failures end that nobody handled, and where the end of all is noticed.</summary>
    private sealed class BubbleWalker(ActorPath path, TaskCompletionSource terminated) : MinimalActorRef
    {
        public override ActorPath Path { get; } = path;

        public override IInternalActorRef Parent => this;

        public override void SendSystemMessage(SystemMessage message)
        {
            switch (message)
            {
                case Failed failed:
                    failed.Child.Stop();
                    break;
                case DeathWatchNotification:
                    terminated.TrySetResult();
                    break;
            }
        }
    }
}
