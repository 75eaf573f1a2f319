using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;

namespace Failover.Node.Lifeline;

/// <summary>
/// What the replicas on this node are and hold, for the heartbeat to tell. Each replica's actor posts its own line;
/// the heartbeat reads it from its own thread, without asking an actor that may be busy or stuck.
/// </summary>
internal sealed class StatusBoard
{
    private readonly Line?[] _lines;
    private volatile string? _health;
    private volatile string? _handler;
    private volatile string? _application;
    private long _askedAt;
    private int _dozes;

    public StatusBoard(int partitions)
    {
        _lines = new Line?[partitions];
        Leases = new LeaseBoard(partitions);
    }

    /// <param name="ActiveAt">When the replica's actor last did anything.</param>
    public sealed record Line(
        PartitionId Partition,
        ReplicaId Replica,
        ReplicaRole Role,
        Epoch Epoch,
        Position Last,
        long Commit,
        bool Released,
        string? Trouble,
        Instant ActiveAt,
        int Entries
    );

    /// <summary>The other way round: what the heartbeat tells the replicas.</summary>
    public LeaseBoard Leases { get; }

    /// <summary>Why the application on this node is unhealthy; null while it is healthy, or not asked.</summary>
    public string? Ailment => _health ?? _handler;

    /// <summary>What its health check says.</summary>
    public string? HealthAilment
    {
        set => _health = value;
    }

    /// <summary>What the handler says that should have put it into its role.</summary>
    public string? HandlerAilment
    {
        get => _handler;
        set => _handler = value;
    }

    /// <summary>What the application is: <c>primary</c>, <c>standby</c> or <c>changing</c>; null without a handler.</summary>
    public string? Application
    {
        get => _application;
        set => _application = value;
    }

    /// <summary>When a replica of this node was last asked something by a client.</summary>
    public Instant AskedAt => new(TimeSpan.FromTicks(Volatile.Read(ref _askedAt)));

    /// <summary>The heartbeat takes it easier because nobody asks anything.</summary>
    public bool Dozes
    {
        set => Volatile.Write(ref _dozes, value ? 1 : 0);
    }

    /// <summary>A client asks a replica of this node something.</summary>
    /// <returns>Whether the heartbeat has to be woken for it.</returns>
    public bool Asked(Instant now)
    {
        Volatile.Write(ref _askedAt, now.SinceStart.Ticks);
        return Volatile.Read(ref _dozes) != 0 && Interlocked.Exchange(ref _dozes, 0) != 0;
    }

    public void Post(Line line) => Volatile.Write(ref _lines[line.Partition.Value], line);

    public Line? Of(PartitionId partition) =>
        (uint)partition.Value < _lines.Length ? Volatile.Read(ref _lines[partition.Value]) : null;

    public IEnumerable<Line> Lines
    {
        get
        {
            for (var i = 0; i < _lines.Length; i++)
            {
                if (Volatile.Read(ref _lines[i]) is { } line)
                    yield return line;
            }
        }
    }

    public ImmutableArray<ReplicaReport> Report(Instant now) =>
        [
            .. Lines.Select(line => new ReplicaReport(
                line.Partition,
                line.Replica,
                line.Role,
                line.Epoch,
                line.Last,
                line.Commit,
                line.Released,
                now - line.ActiveAt,
                line.Trouble ?? Ailment
            )),
        ];
}
