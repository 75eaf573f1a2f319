using System.Collections.Concurrent;
using Failover.Core;
using Failover.Node.Storage;

namespace Failover.Node.Tests.Storage;

/// <summary>The store with its thread. Tests wait for what it reports, and hold its disk where an order matters.</summary>
public abstract class ReplicaStoreStories : IDisposable
{
    private const string Directory = "/data/partition-0";
    private readonly SemaphoreSlim _atGate = new(0);
    private ReplicaStore? _store;

    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected readonly SimulatedDisk Disk = new();

    /// <summary>What the store said is on disk, and what it said failed.</summary>
    private protected readonly BlockingCollection<Position> Reports = [];
    private protected readonly BlockingCollection<StorageException> Failures = [];

    /// <summary>Lets one held sync go on.</summary>
    private protected readonly SemaphoreSlim Gate = new(0);

    private protected StorageOptions Options { get; set; } = new() { SegmentBytes = 64 << 10 };

    private protected ReplicaStore Store => _store!;

    public void Dispose()
    {
        Gate.Release(1_000);
        _store?.Dispose();
        Reports.Dispose();
        Failures.Dispose();
        _atGate.Dispose();
        Gate.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Recovered Open()
    {
        var callbacks = new StorageCallbacks { Persisted = Reports.Add, Failed = Failures.Add };
        (_store, var recovered) = ReplicaStore.Open(Directory, Options, callbacks, Disk);
        return recovered;
    }

    private protected Recovered Reopen()
    {
        Disk.Before = null;
        Store.Dispose();
        return Open();
    }

    private protected int Segments() => Disk.List(Directory).Count(p => StoreFiles.SegmentNumber(p) is not null);

    private protected Position Persisted() =>
        Reports.TryTake(out var position, Patience) ? position : throw new TimeoutException("nothing was persisted");

    private protected void PersistedUntil(Position position)
    {
        while (Persisted() != position) { }
    }

    /// <summary>Each sync of the log waits to be released.</summary>
    private protected void HoldSyncs() =>
        Disk.Before = (operation, path) =>
        {
            if (operation != "fdatasync" || !path.Contains("log-", StringComparison.Ordinal))
                return;
            _atGate.Release();
            Gate.Wait();
        };

    private protected void AtGate() => Assert.True(_atGate.Wait(Patience));

    private protected void FailAt(string operation, string file, int errno) =>
        Disk.Before = (o, path) =>
        {
            if (o == operation && path.Contains(file, StringComparison.Ordinal))
                throw StorageException.FromErrno(o, path, errno);
        };
}
