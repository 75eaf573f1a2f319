namespace Akka.Actor;

/// <summary>Puts messages aside until the actor can handle them.</summary>
public interface IStash
{
    /// <summary>Puts the current message aside.</summary>
    void Stash();

    /// <summary>Puts the oldest one back, to be handled next.</summary>
    void Unstash();

    /// <summary>Puts all back, to be handled next, in the order in which they were put aside.</summary>
    void UnstashAll();

    /// <summary>Puts back those that <paramref name="predicate"/> takes and drops the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);
}

/// <summary>An actor with a stash.</summary>
public interface IActorStash
{
    IStash Stash { get; set; }
}

/// <summary>An actor with a stash, whatever its mailbox.</summary>
public interface IWithUnrestrictedStash : IActorStash;

/// <summary>An actor with a stash.</summary>
public interface IWithStash : IWithUnrestrictedStash;

/// <summary>An actor with a stash without limit.</summary>
public interface IWithUnboundedStash : IWithUnrestrictedStash;

internal sealed class StashImpl(ActorCell cell) : IStash
{
    private readonly LinkedList<Envelope> _stashed = [];
    private long _lastStashed;

    public int Count => _stashed.Count;

    public bool IsEmpty => _stashed.Count == 0;

    public bool NonEmpty => _stashed.Count > 0;

    public void Stash()
    {
        var message = cell.CurrentMessage ?? throw new InvalidOperationException("There is no message to stash");
        if (cell.Handled == _lastStashed)
            throw new IllegalActorStateException($"Can't stash the same message {message} more than once");
        _lastStashed = cell.Handled;
        _stashed.AddLast(new Envelope(message, cell.Sender));
    }

    public void Unstash()
    {
        if (_stashed.First is not { } first)
            return;
        _stashed.RemoveFirst();
        cell.Mailbox.Prepend([first.Value]);
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        if (IsEmpty)
            return;
        cell.Mailbox.Prepend(ClearStash().Where(predicate));
    }

    public IEnumerable<Envelope> ClearStash()
    {
        Envelope[] all = [.. _stashed];
        _stashed.Clear();
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Reverse())
            _stashed.AddFirst(envelope);
    }
}
