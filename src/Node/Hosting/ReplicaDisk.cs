using Akka.Actor;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Node.Configuration;
using Failover.Node.Metrics;
using Failover.Node.Storage;

namespace Failover.Node.Hosting;

/// <summary>Opens what a replica keeps, and leads the storage's answers to the replica's actor once there is one.</summary>
internal static class ReplicaDisk
{
    /// <returns>The store (null in memory mode), what it held, and where to hand the actor in.</returns>
    public static (ReplicaStore? Store, Recovered Recovered, Action<IActorRef> Attach) Open(
        NodeSettings settings,
        NodeDirectory disk,
        PartitionId partition,
        FailoverMetrics metrics
    )
    {
        if (!settings.Replication.Durable)
        {
            // Memory is lost with the process: each process's replica is another one.
            var empty = new Recovered(new DataId(Guid.NewGuid()), Snapshot.Empty, [], [], null);
            return (null, empty, _ => { });
        }

        // Nothing is written, so nothing is answered, before the actor exists.
        IActorRef actor = ActorRefs.Nobody;
        var callbacks = new StorageCallbacks
        {
            Persisted = through =>
                Volatile.Read(ref actor).Tell(new ReplicaInput.Persisted(through), ActorRefs.NoSender),
            Failed = failed =>
                Volatile.Read(ref actor).Tell(new ReplicaInput.StorageFailed(failed.Message), ActorRefs.NoSender),
            Synced = metrics.LogFsync,
        };
        var options = new StorageOptions { SnapshotAfterBytes = settings.Replication.SnapshotAfter };
        var (store, recovered) = ReplicaStore.Open(disk.Partition(partition), options, callbacks);
        return (store, recovered, started => Volatile.Write(ref actor, started));
    }
}
