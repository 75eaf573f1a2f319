using Failover.Bench.SideBySide.Contenders;

namespace Failover.Bench.SideBySide;

/// <summary>Who takes part in what.</summary>
/// <param name="directory">Where contenders keep their files.</param>
internal sealed class Entrants(string directory)
{
    private const string InstallRedis = "apt-get install redis-server";
    private const string InstallEtcd = "apt-get install etcd-server";
    private const string OnEverySync = "appendonly yes, appendfsync always";

    /// <summary>Lost leaders: everybody with the defaults, or what is commonly set, and as quick as is usable.</summary>
    public Entrant[] ForLosses =>
        [
            Ours("ours", "defaults: two data nodes and a monitor, durability = disk, heartbeat 50 ms, lease 300 ms"),
            Etcd("etcd", "defaults: heartbeat 100 ms, election timeout 1000 ms"),
            Etcd(
                "etcd, quick",
                "heartbeat 50 ms, which is ours, and the least election timeout that etcd takes with it, 250 ms",
                "--heartbeat-interval=50",
                "--election-timeout=250"
            ),
            Redis(
                "Redis, down-after 5 s",
                "appendonly yes, appendfsync everysec, asynchronous",
                new RedisSettings(RedisSettings.SyncedEverySecond, Waits: false, TimeSpan.FromSeconds(5))
            ),
            Redis(
                "Redis, quick",
                "appendonly yes, appendfsync everysec, asynchronous",
                new RedisSettings(RedisSettings.SyncedEverySecond, Waits: false, Quick)
            ),
            Redis(
                "Redis, quick, WAIT 1",
                $"{OnEverySync}, each write followed by WAIT 1",
                new RedisSettings(RedisSettings.SyncedAlways, Waits: true, Quick)
            ),
        ];

    public Entrant[] OnDisk =>
        [
            Ours("ours", "defaults: durability = disk, two copies"),
            Ours(
                "ours, three copies",
                "durability = disk, three data nodes: every write is on three disks",
                "--nodes",
                "3"
            ),
            Etcd("etcd", "defaults: three copies, every write on two disks"),
            Redis(
                "Redis, WAIT 1",
                $"{OnEverySync}, each write followed by WAIT 1: in the memory of a replica",
                new RedisSettings(RedisSettings.SyncedAlways, Waits: true, Usual)
            ),
        ];

    public Entrant[] InMemory =>
        [
            Ours("ours", "durability = memory, two copies", "--set", "failover.replication.durability=memory"),
            Redis(
                "Redis, WAIT 1",
                "appendonly no, each write followed by WAIT 1",
                new RedisSettings(RedisSettings.InMemory, Waits: true, Usual)
            ),
            Redis(
                "Redis, asynchronous",
                "appendonly no: acknowledged before any replica has it",
                new RedisSettings(RedisSettings.InMemory, Waits: false, Usual)
            ),
        ];

    private static TimeSpan Quick => TimeSpan.FromMilliseconds(200);

    private static TimeSpan Usual => TimeSpan.FromSeconds(5);

    private static Entrant Ours(string name, string settings, params string[] options) =>
        new(name, Program: null, Install: "", settings, stop => new Ours(options, stop));

    private Entrant Etcd(string name, string settings, params string[] options) =>
        new(name, "etcd", InstallEtcd, settings, stop => new Etcd(directory, options, stop));

    private Entrant Redis(string name, string settings, RedisSettings of) =>
        new(
            name,
            "redis-server",
            InstallRedis,
            $"1 primary, 2 replicas, 3 Sentinels; down-after-milliseconds {of.DownAfterMilliseconds}; {settings}",
            stop => new Redis(directory, of, stop)
        );
}
