using System.Collections.Concurrent;

namespace Akka.Actor;

/// <summary>Names below which there is no actor, only references, such as <c>/temp</c>.</summary>
internal sealed class VirtualPathContainer(IInternalActorRef parent, ActorPath path) : MinimalActorRef
{
    private readonly ConcurrentDictionary<string, IInternalActorRef> _children = new();

    public override ActorPath Path { get; } = path;

    public override IInternalActorRef Parent => parent;

    public void Add(string name, IInternalActorRef child) => _children[name] = child;

    public void Remove(string name) => _children.TryRemove(name, out _);

    public override IInternalActorRef GetChild(ReadOnlySpan<string> name)
    {
        if (name.IsEmpty)
            return this;
        if (name[0].Length == 0)
            return GetChild(name[1..]);
        return _children.TryGetValue(name[0], out var child) ? child.GetChild(name[1..]) : ActorRefs.Nobody;
    }
}
