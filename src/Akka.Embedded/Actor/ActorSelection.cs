using System.Text.RegularExpressions;
using Akka.Event;

namespace Akka.Actor;

/// <summary>One step of a selection.</summary>
public abstract class SelectionPathElement
{
    private protected SelectionPathElement() { }
}

/// <summary>Down to the child of that name.</summary>
public class SelectChildName : SelectionPathElement
{
    internal SelectChildName(string name) => Name = name;

    internal string Name { get; }

    public override string ToString() => Name;
}

/// <summary>Down to all children whose names match; <c>*</c> and <c>?</c> are wildcards.</summary>
public class SelectChildPattern : SelectionPathElement
{
    private readonly Regex _regex;

    internal SelectChildPattern(string patternStr)
    {
        PatternStr = patternStr;
        var text = Regex.Escape(patternStr).Replace("\\*", ".*", StringComparison.Ordinal);
        _regex = new Regex($"^{text.Replace("\\?", ".", StringComparison.Ordinal)}$", RegexOptions.NonBacktracking);
    }

    internal string PatternStr { get; }

    public override string ToString() => PatternStr;

    internal bool Matches(string name) => _regex.IsMatch(name);
}

/// <summary>Up to the parent.</summary>
public class SelectParent : SelectionPathElement
{
    public override string ToString() => "..";
}

/// <summary>The actors at the end of a path, whoever they are when a message is sent.</summary>
public class ActorSelection : ICanTell
{
    public ActorSelection(IActorRef anchor, SelectionPathElement[] path)
    {
        Anchor = anchor;
        Path = path;
    }

    public ActorSelection(IActorRef anchor, string path)
        : this(anchor, path.Length == 0 ? [] : path.Split('/')) { }

    public ActorSelection(IActorRef anchor, IEnumerable<string> elements)
        : this(anchor, Steps(elements)) { }

    /// <summary>Where the path begins.</summary>
    internal IActorRef Anchor { get; }

    internal SelectionPathElement[] Path { get; }

    internal string PathString => string.Join<SelectionPathElement>('/', Path);

    public void Tell(object message, IActorRef? sender = null)
    {
        if (message is null)
            throw new InvalidMessageException("Message is null");
        sender ??= ActorCell.Current?.Self;
        new ActorSelectionMessage(message, Path).Deliver((IInternalActorRef)Anchor, sender);
    }

    /// <summary>The actor that answers first.</summary>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    internal async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var identity = await this.Ask<ActorIdentity>(new Identify(PathString), timeout, ct).ConfigureAwait(false);
            return identity.Subject ?? throw new ActorNotFoundException($"subject was null for {this}");
        }
        catch (AskTimeoutException e)
        {
            throw new ActorNotFoundException($"no answer within {timeout} from {this}", e);
        }
    }

    public override bool Equals(object? obj) =>
        obj is ActorSelection other && Anchor.Equals(other.Anchor) && PathString == other.PathString;

    public override int GetHashCode() => HashCode.Combine(Anchor, PathString.GetHashCode(StringComparison.Ordinal));

    public override string ToString() =>
        $"ActorSelection[Anchor({Anchor.Path}{(Anchor.Path.Uid == 0 ? "" : "#" + Anchor.Path.Uid)}), Path(/{PathString})]";

    private static SelectionPathElement[] Steps(IEnumerable<string> elements) =>
        [
            .. elements
                .Where(static name => name.Length > 0)
                .Select(static name =>
                    name switch
                    {
                        ".." => new SelectParent(),
                        _ when name.Contains('*') || name.Contains('?') => new SelectChildPattern(name),
                        _ => (SelectionPathElement)new SelectChildName(name),
                    }
                ),
        ];
}

/// <summary>A message on its way along a selection.</summary>
public class ActorSelectionMessage : IAutoReceivedMessage, IPossiblyHarmful, IWrappedMessage
{
    public ActorSelectionMessage(object message, SelectionPathElement[] elements, bool wildCardFanOut = false)
    {
        Message = message;
        Elements = elements;
        WildCardFanOut = wildCardFanOut;
    }

    public object Message { get; }

    internal SelectionPathElement[] Elements { get; }

    internal bool WildCardFanOut { get; }

    /// <summary>Walks the path from <paramref name="anchor"/> as far as this process knows it, and sends on from there.</summary>
    internal void Deliver(IInternalActorRef anchor, IActorRef? sender)
    {
        var at = anchor;
        for (var i = 0; i < Elements.Length; i++)
        {
            if (!at.IsLocal)
            {
                at.Tell(new ActorSelectionMessage(Message, Elements[i..], WildCardFanOut), sender);
                return;
            }

            switch (Elements[i])
            {
                case SelectParent:
                    at = at.GetChild([".."]);
                    break;
                case SelectChildName child:
                    at = at.GetChild([child.Name]);
                    break;
                case SelectChildPattern pattern:
                    FanOut(at, pattern, Elements[(i + 1)..], sender);
                    return;
            }

            if (!at.IsNobody())
                continue;
            NotFound(anchor, sender);
            return;
        }

        at.Tell(Message, sender);
    }

    private void FanOut(
        IInternalActorRef at,
        SelectChildPattern pattern,
        SelectionPathElement[] rest,
        IActorRef? sender
    )
    {
        if (at is not LocalActorRef local)
            return;
        foreach (var child in local.Cell.ChildRefs().Where(child => pattern.Matches(child.Path.Name)))
            new ActorSelectionMessage(Message, rest, wildCardFanOut: true).Deliver(child, sender);
    }

    private void NotFound(IInternalActorRef anchor, IActorRef? sender)
    {
        // With wildcards that nobody is there is nothing special.
        if (Message is Identify identify)
        {
            if (!WildCardFanOut)
                sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
            return;
        }

        if (WildCardFanOut || anchor is not LocalActorRef local)
            return;
        var path = anchor.Path / Elements.Select(static element => element.ToString()!);
        var system = local.Cell.System;
        new EmptyLocalActorRef(system, path).Tell(Message, sender);
    }
}

internal static class ActorSelectionFactory
{
    /// <summary>From a full path, an absolute one (<c>/user/a</c>) or one relative to <paramref name="self"/>.</summary>
    public static ActorSelection Create(ActorSystemImpl system, IInternalActorRef self, string path)
    {
        if (ActorPath.TryParse(path, out var full))
            return Create(system, full);
        if (path.Contains("://", StringComparison.Ordinal))
            return new ActorSelection(system.DeadLetters, "");
        return path.StartsWith('/')
            ? new ActorSelection(system.Provider.RootGuardian, path)
            : new ActorSelection(self, path);
    }

    public static ActorSelection Create(ActorSystemImpl system, ActorPath path) =>
        new(system.Provider.RootGuardianAt(path.Address), path.Elements);
}
