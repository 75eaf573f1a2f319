using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Node.Storage;

namespace Failover.StorageBench;

/// <summary>The product's store, with small entries: a key, 100 bytes of value and a session.</summary>
internal sealed class OwnLog : IDurableLog
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Sequence, TaskCompletionSource Done)> _waiting = new();
    private readonly ReplicaStore _store;
    private readonly string _value = $"\"{new string('v', 98)}\"";
    private long _sequence;

    public OwnLog(string directory) => (_store, _) = Open(directory, OnPersisted);

    public static (ReplicaStore Store, Recovered Recovered) Open(string directory, Action<Position> persisted) =>
        ReplicaStore.Open(
            directory,
            new StorageOptions(),
            new StorageCallbacks { Persisted = persisted, Failed = e => Environment.FailFast(e.Message, e) }
        );

    public Task Append()
    {
        lock (_lock)
        {
            var entry = Next();
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((entry.Sequence, done));
            _store.Append(entry);
            return done.Task;
        }
    }

    /// <summary>Writes that many entries and waits for the last one.</summary>
    public void Fill(int count)
    {
        while (count > 0)
        {
            var batch = Math.Min(count, 1_000);
            _store.Append(ImmutableArray.CreateRange(Enumerable.Range(0, batch).Select(_ => Next())));
            count -= batch;
        }
    }

    public void Dispose() => _store.Dispose();

    private LogEntry Next()
    {
        var sequence = ++_sequence;
        return new LogEntry(
            new Position(new Epoch(1), sequence),
            new Command.Put($"key-{sequence % 100_000}", _value),
            new SessionStamp(
                "5f0b7a31-2c44-4d0e-9d0a-1f1b6f0c2a11",
                sequence,
                sequence,
                new(new Epoch(1), sequence - 1)
            )
        );
    }

    private void OnPersisted(Position position)
    {
        lock (_lock)
        {
            while (_waiting.TryPeek(out var first) && first.Sequence <= position.Sequence)
                _waiting.Dequeue().Done.SetResult();
        }
    }
}
