using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A hierarchy of actors with what they share: scheduler, dispatchers, event stream, configuration.</summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    internal ActorSystem() { }

    public abstract Settings Settings { get; }

    public abstract string Name { get; }

    public abstract Serialization.Serialization Serialization { get; }

    public abstract EventStream EventStream { get; }

    public abstract IActorRef DeadLetters { get; }

    /// <summary>Swallows what it is told.</summary>
    public abstract IActorRef IgnoreRef { get; }

    public abstract Dispatchers Dispatchers { get; }

    public abstract IScheduler Scheduler { get; }

    public abstract ILoggingAdapter Log { get; }

    /// <summary>Completes when the system has come to its end.</summary>
    public abstract Task WhenTerminated { get; }

    /// <summary>Starts a system. Its name is part of its address: letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static ActorSystem Create(string name, Config config) => ActorSystemImpl.Start(name, config);

    public static ActorSystem Create(string name) => ActorSystemImpl.Start(name, ConfigurationFactory.Empty);

    public abstract object GetExtension(IExtensionId extensionId);

    public abstract T GetExtension<T>()
        where T : class, IExtension;

    public abstract bool HasExtension(Type type);

    public abstract bool HasExtension<T>()
        where T : class, IExtension;

    /// <summary>Makes the extension unless it exists; either way returns it.</summary>
    public abstract object RegisterExtension(IExtensionId extension);

    /// <summary>Runs <paramref name="code"/> after the last actor has ended, in reverse order of registration.</summary>
    public abstract void RegisterOnTermination(Action code);

    /// <summary>Runs the coordinated shutdown and ends all actors.</summary>
    public abstract Task Terminate();

    public abstract void Stop(IActorRef actor);

    public abstract IActorRef ActorOf(Props props, string? name = null);

    public abstract ActorSelection ActorSelection(ActorPath actorPath);

    public abstract ActorSelection ActorSelection(string actorPath);

    public void Dispose()
    {
        // Disposing is the blocking form of Terminate for short programs; it runs no actor code on this thread.
        Terminate().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    public override string ToString() => $"akka://{Name}";
}

/// <summary>An actor system as extensions see it.</summary>
public abstract class ExtendedActorSystem : ActorSystem
{
    internal ExtendedActorSystem() { }

    public abstract IActorRefProvider Provider { get; }

    /// <summary>Creates an actor below <c>/system</c>, which ends after the user's actors.</summary>
    public abstract IActorRef SystemActorOf(Props props, string? name = null);

    public abstract IActorRef SystemActorOf<TActor>(string? name = null)
        where TActor : ActorBase, new();

    /// <summary>Ends the system without running the coordinated shutdown.</summary>
    public abstract void Abort();

    /// <summary>The tree of actors, one per line, for looking into a stuck system.</summary>
    public abstract string PrintTree();
}

/// <summary>Makes and finds actor references.</summary>
public interface IActorRefProvider
{
    /// <summary>The address under which others can reach this system.</summary>
    Address DefaultAddress { get; }

    IActorRef ResolveActorRef(string path);

    IActorRef ResolveActorRef(ActorPath actorPath);
}
