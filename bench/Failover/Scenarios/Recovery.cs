using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Formation;
using Failover.Node.Storage;

namespace Failover.Bench.Failover.Scenarios;

/// <summary>
/// How long a data node with a log of a million small entries takes from the start of its process to serving, when
/// all processes start at once.
/// </summary>
/// <remarks>
/// A formation is founded and stopped; then the entries are appended to both replicas' stores by the product's own
/// storage classes, as one primary's writes of one epoch, without a snapshot. What the nodes do about that on their own
/// (a snapshot once they have committed it) they may do: only the first round reads the whole log.
/// </remarks>
internal static class Recovery
{
    private const int Entries = 1_000_000;
    private const int Keys = 100_000;
    private const int Batch = 1_000;
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    public static async Task<Row> Run(Order order)
    {
        var times = new List<TimeSpan>();
        var snapshots = 0;
        var bytes = 0L;
        var broken = new List<string>();
        for (var round = 0; round < order.Rounds; round++)
        {
            await Stage
                .On(
                    order.Options,
                    async formation =>
                    {
                        (await formation.Run("down").ConfigureAwait(false)).Succeeded();
                        foreach (var node in Stage.DataNodes(formation))
                            bytes = Fill(Path.Combine(formation.Directory, node, "partition-0"));
                        var up = formation.Up(order.Options);
                        times.Add(await Serving(formation).ConfigureAwait(false));
                        await up.ConfigureAwait(false);
                        await Check(formation, broken).ConfigureAwait(false);
                        snapshots += Stage.DataNodes(formation).Count(n => HasSnapshot(formation, n));
                        return new Row("recovery", [], []);
                    }
                )
                .ConfigureAwait(false);
        }

        if (times.Max() >= Goal)
            broken.Add($"a start took {Row.Ms(times.Max())}, the goal is less than {Row.Ms(Goal)}");
        return new Row(
            "recovery",
            [
                ("rounds", Row.Number(order.Rounds)),
                ("entries", Row.Number(Entries)),
                ("keys", Row.Number(Keys)),
                ("log", $"{bytes >> 20} MiB"),
                ("process start to serving, p50", Row.Ms(times, 0.5)),
                ("max", Row.Ms(times, 1)),
                ("snapshots written by then", Row.Number(snapshots)),
            ],
            broken
        );
    }

    private static string Key(int entry) => string.Create(CultureInfo.InvariantCulture, $"key-{entry % Keys}");

    private static string Value(int entry) => string.Create(CultureInfo.InvariantCulture, $"\"value {entry}\"");

    /// <returns>Bytes of log.</returns>
    private static long Fill(string directory)
    {
        using var written = new ManualResetEventSlim();
        StorageException? failure = null;
        var last = long.MaxValue;
        var callbacks = new StorageCallbacks
        {
            Persisted = through =>
            {
                if (through.Sequence >= Volatile.Read(ref last))
                    written.Set();
            },
            Failed = failed =>
            {
                failure = failed;
                written.Set();
            },
        };
        var (store, recovered) = ReplicaStore.Open(directory, new StorageOptions(), callbacks);
        using (store)
        {
            var tail = recovered.Tail;
            last = tail.Sequence + Entries;
            for (var entry = 0; entry < Entries; entry += Batch)
            {
                var from = entry;
                store.Append([
                    .. Enumerable
                        .Range(from, Batch)
                        .Select(i => new LogEntry(
                            new Position(tail.Epoch, tail.Sequence + 1 + i),
                            new Command.Put(Key(i), Value(i)),
                            new SessionStamp("load", i + 1, i + 1, new(new Epoch(1), i))
                        )),
                ]);
            }

            written.Wait();
            return failure is null ? store.LogBytesSinceSnapshot : throw failure;
        }
    }

    /// <summary>From the start of the process until it says of itself that it is the serving primary.</summary>
    private static async Task<TimeSpan> Serving(LocalFormation formation)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Stage.Patience)
        {
            foreach (var node in formation.Nodes.Where(n => n.Pid is not null && n.Roles.Contains("data")))
            {
                if (!await IsPrimary(formation, node).ConfigureAwait(false))
                    continue;
                using var process = Process.GetProcessById(node.Pid!.Value);
                return DateTime.Now - process.StartTime;
            }

            await Task.Delay(LookEvery).ConfigureAwait(false);
        }

        throw new TimeoutException("no data node served");
    }

    private static async Task<bool> IsPrimary(LocalFormation formation, RunningNode node)
    {
        try
        {
            using var answer = await formation.Http.GetAsync($"{node.Http}/primary").ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    /// <summary>Both copies hold what the last entries wrote.</summary>
    private static async Task Check(LocalFormation formation, List<string> broken)
    {
        var copies = await Stage.Copies(formation).ConfigureAwait(false);
        if (copies.Distinct().Count() != 1)
            broken.Add("the replicas differ");
        using var map = System.Text.Json.JsonDocument.Parse(copies[0]);
        for (var entry = Entries - Keys; entry < Entries; entry++)
        {
            if (map.RootElement.TryGetProperty(Key(entry), out var value) && value.GetRawText() == Value(entry))
                continue;
            broken.Add($"{Key(entry)} does not hold what entry {entry} wrote");
            return;
        }
    }

    private static bool HasSnapshot(LocalFormation formation, string node) =>
        Directory
            .EnumerateFiles(Path.Combine(formation.Directory, node, "partition-0"))
            .Any(f => Path.GetFileName(f).StartsWith("snapshot", StringComparison.Ordinal));
}
