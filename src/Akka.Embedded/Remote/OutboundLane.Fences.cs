using Akka.Actor;

namespace Akka.Remote;

/// <summary>What lets an actor's end come after its messages, although they travel apart.</summary>
/// <remarks>
/// A fence is queued behind messages, and the other side answers it when it has delivered them. Each actor remembers the
/// last fence before its last message: once a later one is passed, nothing of that actor is on its way.
/// </remarks>
internal sealed partial class OutboundLane
{
    private volatile bool _sentSinceFence;
    private long _lastFence;
    private long _passedFence;

    /// <summary>Whether something that the actor sent may not have arrived yet.</summary>
    /// <param name="actor">Null when it had ended before anybody asked, so that nothing is known of it.</param>
    public bool MayCarryFrom(ActorCell? actor)
    {
        if (_connection is null && _queue.IsEmpty)
            return false;
        var passed = Volatile.Read(ref _passedFence);
        return actor?.LastSent switch
        {
            { Lane: null } => false,
            { } last when last.Lane == this => passed <= last.Fence,
            // One that has also sent elsewhere since may have sent here before.
            _ => _sentSinceFence || passed < Volatile.Read(ref _lastFence),
        };
    }

    /// <summary>Puts a fence behind all that is queued; the association is told when that has been delivered.</summary>
    /// <returns>Its number.</returns>
    public long PlaceFence()
    {
        _sentSinceFence = false;
        var fence = Outgoing.FenceNumber(Interlocked.Increment(ref _lastFence));
        Interlocked.Add(ref _queuedBytes, fence.Size);
        _queue.Enqueue(in fence);
        Wake();
        return fence.Fence;
    }

    /// <summary>Places a fence now and then, so that whoever was silent since need not wait for one at its end.</summary>
    public void PlaceFenceIfUsed()
    {
        if (_sentSinceFence && _connection is not null)
            PlaceFence();
    }

    public void Passed(long fence) => Volatile.Write(ref _passedFence, Math.Min(fence, Volatile.Read(ref _lastFence)));

    /// <summary>Remembers with the actor at work that it has sent, and before which fence: its end must not overtake it.</summary>
    private void Remember(IActorRef? sender)
    {
        if ((ActorCell.Current ?? (sender as LocalActorRef)?.Cell) is { } actor)
            actor.LastSent = (this, Volatile.Read(ref _lastFence));
        if (!_sentSinceFence)
            _sentSinceFence = true;
    }
}
