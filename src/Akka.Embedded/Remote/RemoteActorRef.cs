using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Remote;

/// <summary>A reference to an actor of another system.</summary>
internal sealed class RemoteActorRef : ActorRefBase, IInternalActorRef, ISystemBound
{
    private readonly Association _association;
    private ActorPath? _path;

    public RemoteActorRef(Association association, ActorPath path) => (_association, _path) = (association, path);

    /// <summary>An ask of the other system, known by its number there: hardly anybody wants to see its path.</summary>
    public RemoteActorRef(Association association, long tempNumber) =>
        (_association, TempNumber) = (association, tempNumber);

    public override ActorPath Path => _path ??= _association.Temp / TempName.Of(TempNumber);

    /// <summary>0 when it is no ask, or one that came as a path.</summary>
    public long TempNumber { get; }

    public Association Association => _association;

    /// <summary>The number of this path on the connection <see cref="DefinedOn"/>; read and set by its writer.</summary>
    public int DefinedAs { get; set; }

    public object? DefinedOn { get; set; }

    public ActorSystemImpl System => _association.System;

    public bool IsLocal => false;

    public bool IsTerminated => false;

    public IInternalActorRef Parent => Path.Depth == 0 ? this : new RemoteActorRef(_association, Path.Parent);

    public IInternalActorRef GetChild(ReadOnlySpan<string> name)
    {
        var child = Path;
        foreach (var each in name)
            child =
                each == ".." ? child.Parent
                : each.Length == 0 ? child
                : child / each;
        return new RemoteActorRef(_association, child);
    }

    public void Stop() => Tell(PoisonPill.Instance, ActorRefs.NoSender);

    public void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                _association.Watches.Watch(this, watch.Watcher);
                break;
            case Unwatch unwatch:
                _association.Watches.Unwatch(this, unwatch.Watcher);
                break;
            case DeathWatchNotification death:
                _association.SendDeath(
                    new RemoteSystemMessage(RemoteSystemKind.Death, this, death.Actor)
                    {
                        ExistenceConfirmed = death.ExistenceConfirmed,
                        AddressTerminated = death.AddressTerminated,
                    },
                    (death.Actor as LocalActorRef)?.Cell
                );
                break;
            default:
                // Supervision orders are for children, and there are no remote children.
                throw new NotSupportedException($"{message.GetType().Name} cannot be sent to the remote actor {this}");
        }
    }

    protected override void TellInternal(object message, IActorRef? sender) => _association.Send(this, message, sender);
}

internal enum RemoteSystemKind : byte
{
    Watch = 1,
    Unwatch = 2,
    Death = 3,
}

/// <summary>A system message on its way, from <paramref name="other"/> to <paramref name="recipient"/>.</summary>
internal sealed class RemoteSystemMessage(RemoteSystemKind kind, RemoteActorRef recipient, IActorRef other)
{
    public RemoteSystemKind Kind { get; } = kind;

    public RemoteActorRef Recipient { get; } = recipient;

    /// <summary>The watcher, or the watched one that has ended.</summary>
    public IActorRef Other { get; } = other;

    public bool ExistenceConfirmed { get; init; }

    public bool AddressTerminated { get; init; }

    /// <summary>Its number between these two incarnations of the systems, from 1.</summary>
    public long Sequence { get; set; }
}
