namespace Akka.Remote;

/// <summary>The numbered system messages between one incarnation each of two systems, both ways.</summary>
/// <remarks>Not for several threads at once: the association guards it.</remarks>
internal sealed class SystemMessageLog
{
    private readonly Dictionary<long, RemoteSystemMessage> _unacknowledged = [];
    private long _acknowledged;
    private long _delivered;

    /// <summary>The number of the message that was added last; 0 before any.</summary>
    public long Last { get; private set; }

    /// <summary>How many the other side has not confirmed.</summary>
    public int Waiting => _unacknowledged.Count;

    public void Add(RemoteSystemMessage message)
    {
        message.Sequence = ++Last;
        _unacknowledged.Add(Last, message);
    }

    /// <summary>The first unconfirmed message above <paramref name="sequence"/>; null when there is none.</summary>
    public RemoteSystemMessage? After(long sequence) =>
        _unacknowledged.GetValueOrDefault(Math.Max(sequence, _acknowledged) + 1);

    /// <summary>All up to that number have arrived.</summary>
    public void Acknowledged(long sequence)
    {
        // The other side may be confused or hostile: nothing is confirmed that was not sent.
        for (var upTo = Math.Min(sequence, Last); _acknowledged < upTo; )
            _unacknowledged.Remove(++_acknowledged);
    }

    /// <summary>Whether a message that came in is the next one; it then counts as delivered.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="deliveredUpTo">What to confirm.</param>
    public bool IsNext(long sequence, out long deliveredUpTo)
    {
        var due = sequence == _delivered + 1;
        if (due)
            _delivered = sequence;
        deliveredUpTo = _delivered;
        return due;
    }

    /// <summary>Gives up what is unconfirmed: whom it was for is gone.</summary>
    public void Forget()
    {
        _unacknowledged.Clear();
        (Last, _acknowledged) = (0, 0);
    }

    /// <summary>Begins anew with another incarnation.</summary>
    /// <param name="keepWaiting">Whether what is unconfirmed is for it: it was sent before anyone was met.</param>
    public void Restart(bool keepWaiting)
    {
        _delivered = 0;
        if (!keepWaiting)
            Forget();
    }
}
