using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Store;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Http;

/// <summary>A node without actors: one map in memory, answers and snapshots as the test sets them.</summary>
internal sealed class FakeService : INodeService
{
    private readonly Lock _gate = new();
    private readonly ReplicatedMap _map = new();
    private readonly List<Action<NodeEvent>> _observers = [];
    private long _sequence;

    public NodeId Self { get; init; } = new("app1");

    public NodeSnapshot Current { get; set; } = Formations.Serving();

    public string Reached { get; set; } = "0:0";

    /// <summary>When set, what every request is refused with.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>When set, thrown by every request.</summary>
    public Exception? Failure { get; set; }

    /// <summary>When set, the result of every write instead of the map's.</summary>
    public CommandResult? Result { get; set; }

    /// <summary>When set, a read waits for it, or for the reader to leave.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>Done when a held read was given up by its reader.</summary>
    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a read has begun to wait.</summary>
    public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Command? LastCommand { get; private set; }

    public ClientStamp? LastSession { get; private set; }

    public TimeSpan LastTimeout { get; private set; }

    public bool LastStale { get; private set; }

    public string? LastReplica { get; private set; }

    public Operation? LastOperation { get; private set; }

    /// <summary>Told to every new observer before <see cref="Observe"/> returns.</summary>
    public ImmutableArray<NodeEvent> Backlog { get; set; } = [];

    public int Observers
    {
        get
        {
            lock (_gate)
                return _observers.Count;
        }
    }

    public void Put(string key, string json) => _map.Apply(new Command.Put(key, json), ++_sequence);

    public StoredValue? Find(string key) => _map.Find(key);

    public Task<ServiceAnswer<WriteDone>> Write(
        Command command,
        ClientStamp? session,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        (LastCommand, LastSession, LastTimeout) = (command, session, timeout);
        if (Failure is { } failure)
            return Task.FromException<ServiceAnswer<WriteDone>>(failure);
        if (Refusal is { } refusal)
            return Task.FromResult<ServiceAnswer<WriteDone>>(refusal);
        lock (_gate)
        {
            var result = Result ?? _map.Apply(command, ++_sequence);
            return Task.FromResult<ServiceAnswer<WriteDone>>(new WriteDone(result, new Epoch(3)));
        }
    }

    public async Task<ServiceAnswer<StoredValue?>> Read(
        string key,
        bool stale,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        (LastStale, LastTimeout) = (stale, timeout);
        if (Failure is { } failure)
            throw failure;
        if (Hold is { } hold)
        {
            Held.TrySetResult();
            try
            {
                await hold.Task.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                Left.TrySetResult();
                throw;
            }
        }
        return Refusal is { } refusal
            ? new ServiceAnswer<StoredValue?>(null, refusal)
            : new ServiceAnswer<StoredValue?>(_map.Find(key), null);
    }

    public Task<ServiceAnswer<ImmutableDictionary<string, StoredValue>>> ReadAll(
        string replica,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        (LastReplica, LastTimeout) = (replica, timeout);
        return Task.FromResult<ServiceAnswer<ImmutableDictionary<string, StoredValue>>>(
            Refusal is { } refusal ? refusal : _map.Snapshot()
        );
    }

    public Task<ServiceAnswer<OperationDone>> Operate(
        Operation operation,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        (LastOperation, LastTimeout) = (operation, timeout);
        return Task.FromResult<ServiceAnswer<OperationDone>>(
            Refusal is { } refusal ? refusal : new OperationDone(13, new Epoch(4), new NodeId("app2"), "done")
        );
    }

    public IDisposable Observe(Action<NodeEvent> observer)
    {
        lock (_gate)
            _observers.Add(observer);
        foreach (var happened in Backlog)
            observer(happened);
        return new Subscription(() =>
        {
            lock (_gate)
                _observers.Remove(observer);
        });
    }

    public void Raise(NodeEvent happened)
    {
        Action<NodeEvent>[] observers;
        lock (_gate)
            observers = [.. _observers];
        foreach (var observer in observers)
            observer(happened);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
