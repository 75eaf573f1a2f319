using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private readonly Lock _childrenLock = new();
    private Dictionary<string, ChildStats>? _children;
    private HashSet<IActorRef>? _stopping;
    private long _childNames;
    private bool _refusesChildren;
    private Dictionary<string, IInternalActorRef>? _extraNames;

    /// <summary>Names below the root that are no actors; filled in before anybody looks.</summary>
    public Dictionary<string, IInternalActorRef> ExtraNames => _extraNames ??= [];

    private bool HasChildren
    {
        get
        {
            lock (_childrenLock)
                return _children is { Count: > 0 };
        }
    }

    private bool HasStoppingChildren
    {
        get
        {
            lock (_childrenLock)
                return _stopping is { Count: > 0 };
        }
    }

    public IActorRef ActorOf(Props props, string? name = null)
    {
        if (name is not null)
            CheckName(name);
        return AttachChild(props, name ?? NextChildName());
    }

    /// <summary>Creates a child whose name need not follow the rules for user actors. May be called from any thread.</summary>
    public LocalActorRef AttachChild(Props props, string name)
    {
        LocalActorRef child;
        lock (_childrenLock)
        {
            if (_refusesChildren)
                throw new InvalidOperationException("Cannot create child while terminating or terminated");
            var children = _children ??= [];
            // Whoever was told of the end of a child may use its name at once, also before its parent has been told.
            if (children.TryGetValue(name, out var existing) && !existing.Child.IsTerminated)
                throw new InvalidActorNameException($"Actor name [{name}] is not unique!");
            var path = new ChildActorPath(Self.Path, name, System.NextUid());
            child = new LocalActorRef(System, props, this, path);
            children[name] = new ChildStats(child);
        }

        child.Start();
        return child;
    }

    public IActorRef Child(string name) => ChildNamed(name);

    /// <summary>May be called from any thread.</summary>
    public IInternalActorRef ChildNamed(ReadOnlySpan<char> name)
    {
        var hash = name.IndexOf('#');
        var bare = hash < 0 ? name : name[..hash];
        lock (_childrenLock)
        {
            if (_extraNames is not null && _extraNames.TryGetValue(name.ToString(), out var extra))
                return extra;
            if (_children is null)
                return ActorRefs.Nobody;
            if (!_children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(bare, out var stats))
                return ActorRefs.Nobody;
            if (hash < 0)
                return stats.Child;
            return
                long.TryParse(
                    name[(hash + 1)..],
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var uid
                )
                && uid == stats.Child.Path.Uid
                ? stats.Child
                : ActorRefs.Nobody;
        }
    }

    public IEnumerable<IActorRef> GetChildren() => ChildRefs();

    /// <summary>May be called from any thread.</summary>
    public IInternalActorRef[] ChildRefs()
    {
        lock (_childrenLock)
            return _children is null ? [] : [.. _children.Values.Select(static stats => stats.Child)];
    }

    public void Stop(IActorRef child)
    {
        lock (_childrenLock)
        {
            if (
                _children is not null
                && _children.TryGetValue(child.Path.Name, out var stats)
                && stats.Child.Equals(child)
            )
                (_stopping ??= []).Add(child);
        }

        ((IInternalActorRef)child).Stop();
    }

    private static void CheckName(string name)
    {
        if (name.Length == 0)
            throw new InvalidActorNameException("Actor name must not be empty");
        if (!ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(
                $"Illegal actor name [{name}]. Actor paths MUST: not start with `$`, include only ASCII letters and can only "
                    + $"contain these special characters: {ActorPath.ValidSymbols}."
            );
        }
    }

    private string NextChildName()
    {
        const string digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";
        Span<char> name = stackalloc char[16];
        var length = 0;
        name[length++] = '$';
        for (var number = Interlocked.Increment(ref _childNames) - 1; ; number >>= 6)
        {
            name[length++] = digits[(int)(number & 63)];
            if (number < 64)
                return new string(name[..length]);
        }
    }

    private bool TryGetStats(IActorRef child, [NotNullWhen(true)] out ChildStats? stats)
    {
        lock (_childrenLock)
        {
            stats = null;
            return _children is not null
                && _children.TryGetValue(child.Path.Name, out stats)
                && stats.Child.Equals(child);
        }
    }

    private ChildStats[] AllStats()
    {
        lock (_childrenLock)
            return _children is null ? [] : [.. _children.Values];
    }

    private void StopAllChildren()
    {
        ChildStats[] all;
        lock (_childrenLock)
        {
            // From here on no child can appear that nobody would stop.
            _refusesChildren |= _waiting == Waiting.ForTermination;
            all = _children is null ? [] : [.. _children.Values];
        }

        foreach (var stats in all)
            Stop(stats.Child);
    }

    private void SuspendChildren(IActorRef? except)
    {
        foreach (var child in ChildRefs())
        {
            if (except is null || !child.Equals(except))
                child.Suspend();
        }
    }

    private void ResumeChildren(Exception? causedByFailure, IActorRef? perpetrator)
    {
        foreach (var child in ChildRefs())
            child.Resume(perpetrator is not null && child.Equals(perpetrator) ? causedByFailure : null);
    }

    /// <returns>Whether it was a child.</returns>
    private bool RemoveChild(IActorRef child)
    {
        lock (_childrenLock)
        {
            var wasStopping = _stopping?.Remove(child) ?? false;
            if (_children is null || !_children.TryGetValue(child.Path.Name, out var stats))
                return wasStopping;
            // Another one may have its name by now.
            return stats.Child.Equals(child) ? _children.Remove(child.Path.Name) : wasStopping;
        }
    }
}

/// <summary>A child and how often it was restarted lately.</summary>
internal sealed class ChildStats(IInternalActorRef child)
{
    private int _retries;
    private long _windowStart;

    public IInternalActorRef Child { get; } = child;

    /// <summary>Whether one more restart lies within the limits (negative: none); counts it.</summary>
    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0)
            return false;
        if (withinTimeMilliseconds <= 0)
            return maxNrOfRetries < 0 || ++_retries <= maxNrOfRetries;

        // A span without a number of retries means one retry per span.
        var retriesAllowed = maxNrOfRetries < 0 ? 1 : maxNrOfRetries;
        var now = Environment.TickCount64;
        if (_retries == 0 || now - _windowStart > withinTimeMilliseconds)
        {
            _windowStart = now;
            _retries = 0;
        }

        return ++_retries <= retriesAllowed;
    }
}
