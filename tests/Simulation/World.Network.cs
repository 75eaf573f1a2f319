using Failover.Simulation.Machines;

namespace Failover.Simulation;

/// <summary>Messages get lost, doubled, late and out of order, as much as the scenario says.</summary>
internal sealed partial class World
{
    private readonly SeededRandom _network;
    private readonly bool[,] _cut;
    private readonly TimeSpan[,] _lastDelivery;
    private bool _healed;

    /// <summary>Extra loss while a storm goes on.</summary>
    public double StormLoss { get; set; }

    public bool IsCut(Machine from, Machine to) => _cut[from.Index, to.Index];

    public void Cut(Machine from, Machine to, bool cut) => _cut[from.Index, to.Index] = cut;

    public bool Connected(Machine one, Machine other) => !IsCut(one, other) && !IsCut(other, one);

    /// <param name="run">Only this run of the receiver: the message travels on a connection that ends with it. 0: any.</param>
    public void Send(Machine from, Machine to, Action<Process> deliver, long run = 0)
    {
        if (from == to)
        {
            Deliver(to, to.Run, TimeSpan.FromMicroseconds(10), deliver);
            return;
        }

        if (IsCut(from, to) || Lost())
            return;
        Deliver(to, run, Delay(from, to), deliver);
        if (!_healed && _network.Chance(Scenario.Duplication))
            Deliver(to, run, Delay(from, to) + (Scenario.MaxDelay * (3 * _network.Unit())), deliver);
    }

    /// <summary>Between a client and a machine; clients are never cut off, so that requests keep coming everywhere.</summary>
    public void SendFromClient(Machine to, Action<Process> deliver)
    {
        if (!Lost())
            Deliver(to, 0, RandomDelay(), deliver);
    }

    public void SendToClient(Action deliver)
    {
        if (!Lost())
            After(RandomDelay(), deliver);
    }

    private bool Lost() => !_healed && _network.Chance(Scenario.Loss + StormLoss);

    private TimeSpan Delay(Machine from, Machine to)
    {
        var delay = RandomDelay();
        if (!Scenario.Ordered)
            return delay;
        var arrives = Now + delay;
        var behind = _lastDelivery[from.Index, to.Index];
        if (arrives <= behind)
            arrives = behind + TimeSpan.FromTicks(1);
        _lastDelivery[from.Index, to.Index] = arrives;
        return arrives - Now;
    }

    private TimeSpan RandomDelay()
    {
        var delay = TimeSpan.FromMilliseconds(0.1) + (Scenario.MaxDelay * _network.Unit());
        return !_healed && _network.Chance(Scenario.Stragglers) ? delay * (100 * _network.Unit()) : delay;
    }

    private void Deliver(Machine to, long run, TimeSpan delay, Action<Process> deliver) =>
        _queue.Enqueue(new Event(to, run, () => deliver(to.Process!)), ((Now + delay).Ticks, _order++));
}
