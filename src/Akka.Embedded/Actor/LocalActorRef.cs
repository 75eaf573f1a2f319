using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>A reference to an actor of this process.</summary>
internal sealed class LocalActorRef : ActorRefBase, IInternalActorRef
{
    private readonly ActorCell _cell;
    private readonly Mailbox _mailbox;

    public LocalActorRef(ActorSystemImpl system, Props props, ActorCell parent, ActorPath path)
        : this(system, props, parent.Self, path) { }

    public LocalActorRef(ActorSystemImpl system, Props props, IInternalActorRef parent, ActorPath path)
    {
        Path = path;
        _cell = new ActorCell(system, this, props, parent);
        _mailbox = _cell.Mailbox;
    }

    public override ActorPath Path { get; }

    public ActorCell Cell => _cell;

    public IInternalActorRef Parent => _cell.Parent;

    public bool IsLocal => true;

    public bool IsTerminated => _mailbox.IsClosed;

    public void Start() => _mailbox.PostSystem(new Create());

    public void Stop() => _mailbox.PostSystem(new Terminate());

    public void SendSystemMessage(SystemMessage message) => _mailbox.PostSystem(message);

    public IInternalActorRef GetChild(ReadOnlySpan<string> name)
    {
        IInternalActorRef at = this;
        for (var i = 0; i < name.Length; i++)
        {
            if (at is not LocalActorRef local)
                return at.GetChild(name[i..]);
            at = name[i] switch
            {
                ".." => local.Parent,
                "" => local,
                var child => local.Cell.ChildNamed(child),
            };
        }

        return at;
    }

    protected override void TellInternal(object message, IActorRef? sender) =>
        _mailbox.Post(new Envelope(message, sender));
}
