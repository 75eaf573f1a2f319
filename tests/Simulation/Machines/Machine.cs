using Failover.Core;
using Failover.Core.Views;

namespace Failover.Simulation.Machines;

/// <summary>One computer: its clock, its disk, its network card, and the process that runs on it or does not.</summary>
internal sealed class Machine(World world, NodeId name, int index, bool hasData, double clockRate)
{
    public NodeId Name => name;
    public int Index => index;
    public bool HasData => hasData;

    /// <summary>The running process; null while it is down.</summary>
    public Process? Process { get; set; }

    /// <summary>Counts the starts; what belongs to an earlier run never reaches a later one.</summary>
    public long Run { get; set; }

    public bool Paused { get; set; }

    /// <summary>What came while the process was stopped, in order.</summary>
    public Queue<Action> Backlog { get; } = new();

    /// <summary>Since when the machine's disk has known its acceptor; survives crashes.</summary>
    public AcceptorState Acceptor { get; set; } = AcceptorState.Initial;

    /// <summary>Which formation the machine's disk says that it belongs to.</summary>
    public FormationId? Formation { get; set; }

    public SimulatedLog[] Logs { get; set; } = [];

    /// <summary>Starts the clock anew at an arbitrary point: instants of two runs have nothing to do with each other.</summary>
    public TimeSpan ClockStartedAt { get; set; }

    /// <summary>The process's monotonic clock, which runs faster or slower than true time.</summary>
    public Instant Clock => new(ClockStartedAt + (world.Now * clockRate));

    /// <summary>The true time at which the clock shows an instant, or the next tick after it.</summary>
    public TimeSpan TrueTimeOf(Instant at) =>
        TimeSpan.FromTicks((long)Math.Ceiling((at.SinceStart - ClockStartedAt).Ticks / clockRate) + 1);
}
