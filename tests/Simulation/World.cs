using Failover.Core;
using Failover.Simulation.Checks;
using Failover.Simulation.Clients;
using Failover.Simulation.Machines;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>
/// Virtual time, a network, machines and clients, all driven by one thread from one seed (TigerBeetle's VOPR and
/// FoundationDB's simulator are the models). What runs on the machines is the real core.
/// </summary>
internal sealed partial class World
{
    /// <summary>Something that happens at a machine, or in the world when <paramref name="At"/> is null.</summary>
    /// <param name="Run">Only this run of the machine's process; 0: whichever runs then.</param>
    private readonly record struct Event(Machine? At, long Run, Action Action);

    private const int SpinLimit = 200_000;
    private const int FloodLimit = 20_000;

    private readonly PriorityQueue<Event, (long Ticks, long Order)> _queue = new();
    private long _order;
    private long _sameInstant;
    private ulong _trace = 14695981039346656037;

    public World(Scenario scenario, Action<string>? log)
    {
        Scenario = scenario;
        _log = log;
        var random = new SeededRandom(scenario.Seed ^ 0xD1B54A32D192ED03);
        Random = random.Fork();
        _network = random.Fork();
        _clientSeeds = random.Fork();
        Ledgers =
        [
            .. Enumerable.Range(0, scenario.Partitions).Select(p => new PartitionLedger(this, new PartitionId(p))),
        ];
        Register = new RegisterLedger(this);
        Machines =
        [
            .. Enumerable
                .Range(0, scenario.Nodes)
                .Select(i => new Machine(
                    this,
                    new NodeId(i < scenario.DataNodes ? $"app{i + 1}" : $"monitor{i - scenario.DataNodes + 1}"),
                    i,
                    hasData: i < scenario.DataNodes,
                    1 + random.Between(-scenario.ClockSkew / 2, scenario.ClockSkew / 2)
                )),
        ];
        Voters = [.. Machines.Select(m => m.Name).OrderBy(n => n)];
        _cut = new bool[Machines.Count, Machines.Count];
        _lastDelivery = new TimeSpan[Machines.Count, Machines.Count];
    }

    private readonly Action<string>? _log;

    public Scenario Scenario { get; }

    public SeededRandom Random { get; }

    public IReadOnlyList<Machine> Machines { get; }

    public System.Collections.Immutable.ImmutableArray<NodeId> Voters { get; }

    public IReadOnlyList<PartitionLedger> Ledgers { get; }

    public RegisterLedger Register { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Two runs that went the same way have the same one.</summary>
    public ulong TraceHash => _trace;

    public long Steps { get; private set; }

    public Machine MachineOf(NodeId node) => Machines.First(m => m.Name == node);

    public bool Logs => _log is not null;

    public void Log(string line) => _log?.Invoke($"{Now.TotalMilliseconds, 10:0.000} {line}");

    public void Trace(long a, long b)
    {
        _trace = (_trace ^ (ulong)a) * 1099511628211;
        _trace = (_trace ^ (ulong)b) * 1099511628211;
    }

    /// <summary>Plans an event of the world itself.</summary>
    public void After(TimeSpan delay, Action action) =>
        _queue.Enqueue(new Event(null, 0, action), (Later(Now + delay).Ticks, _order++));

    /// <summary>Plans something for one run of a machine's process; it never happens if that run ends first.</summary>
    public void For(Machine machine, TimeSpan at, Action action) =>
        _queue.Enqueue(new Event(machine, machine.Run, action), (Later(at).Ticks, _order++));

    private TimeSpan Later(TimeSpan at) => at > Now ? at : Now;

    /// <summary>Lets time pass until <paramref name="end"/>, or until <paramref name="done"/> says so.</summary>
    public bool RunUntil(TimeSpan end, Func<bool>? done = null)
    {
        var lookAgain = Now;
        while (_queue.TryPeek(out var next, out var when) && when.Ticks <= end.Ticks)
        {
            _queue.Dequeue();
            Advance(when.Ticks);
            if (Happens(next))
            {
                Steps++;
                Trace(when.Ticks, next.At?.Index ?? -1);
            }

            if (done is null || Now < lookAgain)
                continue;
            if (done())
                return true;
            lookAgain = Now + TimeSpan.FromMilliseconds(20);
        }

        Now = end;
        return done?.Invoke() ?? true;
    }

    private void Advance(long ticks)
    {
        _sameInstant = ticks == Now.Ticks ? _sameInstant + 1 : 0;
        if (_sameInstant > SpinLimit)
            throw new Violation(
                "no spinning",
                $"{SpinLimit} events at one instant, like {_queue.Peek().Action.Method.Name} of {_queue.Peek().Action.Target}"
            );
        if (_queue.Count > FloodLimit)
            throw new Violation("no flood", $"{_queue.Count} events are under way at once");
        Now = TimeSpan.FromTicks(ticks);
    }

    private static bool Happens(Event next)
    {
        if (next.At is { } machine)
        {
            if (machine.Process is null || (next.Run != 0 && machine.Run != next.Run))
                return false;
            if (machine.Paused)
            {
                machine.Backlog.Enqueue(next.Action);
                return false;
            }
        }

        next.Action();
        return true;
    }
}
