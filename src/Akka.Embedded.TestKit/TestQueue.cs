using System.Diagnostics.CodeAnalysis;

namespace Akka.TestKit;

/// <summary>What a test actor received and the test has not looked at yet. Any thread may add, one test takes.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "The semaphore holds no handle as long as nobody asks for its own"
)]
internal sealed class TestQueue
{
    private readonly LinkedList<MessageEnvelope> _messages = [];
    private readonly SemaphoreSlim _available = new(0);
    private readonly Lock _lock = new();

    public bool HasMessages => _available.CurrentCount > 0;

    public void Add(MessageEnvelope envelope)
    {
        lock (_lock)
        {
            _messages.AddLast(envelope);
        }

        _available.Release();
    }

    /// <summary>Returns what was taken, to be the next one taken again.</summary>
    public void PutBack(MessageEnvelope envelope)
    {
        lock (_lock)
        {
            _messages.AddFirst(envelope);
        }

        _available.Release();
    }

    public bool TryTake(TimeSpan timeout, [NotNullWhen(true)] out MessageEnvelope? envelope, CancellationToken token)
    {
        envelope = _available.Wait(NotNegative(timeout), token) ? First() : null;
        return envelope is not null;
    }

    /// <returns>Null when none came in time.</returns>
    public async ValueTask<MessageEnvelope?> TakeAsync(TimeSpan timeout, CancellationToken token) =>
        await _available.WaitAsync(NotNegative(timeout), token) ? First() : null;

    private MessageEnvelope First()
    {
        lock (_lock)
        {
            var first = _messages.First!.Value;
            _messages.RemoveFirst();
            return first;
        }
    }

    private static TimeSpan NotNegative(TimeSpan timeout) =>
        timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : timeout;
}
