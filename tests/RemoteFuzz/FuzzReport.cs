using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Failover.RemoteFuzz;

/// <summary>What memory the process used at one moment, after a full collection.</summary>
public sealed record Memory(string When, long Heap, long Resident)
{
    public static Memory Now(string when)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return new Memory(when, GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64);
    }
}

/// <summary>What was done to the system, and what came of it.</summary>
public sealed class FuzzReport(FuzzOptions options)
{
    // What a run may add: caches that fill, threads that the pool keeps.
    private const long HeapAllowance = 8 << 20;
    private const long ResidentAllowance = 64 << 20;

    private readonly ConcurrentDictionary<string, (long Connections, long Frames)> _attacks = new();

    public List<Memory> Memories { get; } = [];

    public long MessagesSent { get; set; }

    public long MessagesMissing { get; set; }

    public long MessagesOutOfOrder { get; set; }

    public long AssociationChanges { get; set; }

    public long Dropped { get; set; }

    public long Warnings { get; set; }

    /// <summary>What went wrong; empty when the system stood it.</summary>
    public List<string> Failures { get; } = [];

    public long Attacks => _attacks.Values.Sum(static each => each.Connections);

    public void Count(string attack, long frames) =>
        _attacks.AddOrUpdate(attack, (1, frames), (_, soFar) => (soFar.Connections + 1, soFar.Frames + frames));

    public void Judge()
    {
        Demand(AssociationChanges == 0, $"the association beside changed {AssociationChanges} times");
        Demand(MessagesMissing == 0, $"{MessagesMissing} messages are missing");
        Demand(MessagesOutOfOrder == 0, $"{MessagesOutOfOrder} messages were out of order");
        Demand(MessagesSent > 0 && Attacks > 0, "nothing happened");
        var (first, last) = (Memories[0], Memories[^1]);
        Demand(last.Heap < first.Heap + first.Heap / 4 + HeapAllowance, "the managed heap grew");
        Demand(last.Resident < first.Resident + first.Resident / 4 + ResidentAllowance, "the resident memory grew");
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"seed {options.Seed}, {options.Duration}, {(options.Tls ? "with TLS" : "without TLS")}"
        );
        text.AppendLine("attack                          connections      frames");
        foreach (var (attack, count) in _attacks.OrderBy(static each => each.Key, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"{attack, -30} {count.Connections, 12} {count.Frames, 11}");
        text.AppendLine("memory          managed heap    resident");
        foreach (var memory in Memories)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{memory.When, -14} {memory.Heap / 1024.0, 9:N0} KiB {memory.Resident / 1024.0 / 1024, 7:N0} MiB"
            );
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"messages dropped by the system {Dropped}, warnings {Warnings}");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"live association: messages {MessagesSent}, missing {MessagesMissing}, out of order {MessagesOutOfOrder}, lost {AssociationChanges}"
        );
        foreach (var failure in Failures)
            text.AppendLine(CultureInfo.InvariantCulture, $"FAILED: {failure}");
        text.Append(Failures.Count == 0 ? "ok" : "FAILED");
        return text.ToString();
    }

    private void Demand(bool holds, string otherwise)
    {
        if (!holds)
            Failures.Add(otherwise);
    }
}
