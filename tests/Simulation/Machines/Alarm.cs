using Failover.Core;

namespace Failover.Simulation.Machines;

/// <summary>The one timer of a state machine: rings when its next deadline has come.</summary>
internal sealed class Alarm(World world, Machine machine, Action rings)
{
    private Instant? _armed;
    private long _generation;

    public void Rearm(Instant? next)
    {
        if (next == _armed)
            return;
        _armed = next;
        var generation = ++_generation;
        if (next is not { } at)
            return;
        world.For(
            machine,
            machine.TrueTimeOf(at),
            () =>
            {
                if (generation != _generation)
                    return;
                _armed = null;
                rings();
            }
        );
    }
}
