using Akka.Actor;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>How long a message takes, and whether it arrives at all. Everything random comes from the given generator.</summary>
internal sealed class SimulatedNetwork(Random random)
{
    private readonly HashSet<(Address From, Address To)> _cut = [];

    /// <summary>The share of messages that vanish.</summary>
    public double Loss { get; set; }

    /// <summary>The share of messages that arrive twice, each copy in its own time.</summary>
    public double Duplication { get; set; }

    /// <summary>The share of messages that are up to <see cref="Lateness"/> late, long after what was sent behind them.</summary>
    public double LateShare { get; set; }

    public TimeSpan Lateness { get; set; }

    public bool IsWhole => _cut.Count == 0;

    public void CutOneWay(Address from, Address to) => _cut.Add((from, to));

    public void Cut(Address a, Address b)
    {
        CutOneWay(a, b);
        CutOneWay(b, a);
    }

    /// <summary>Ends all cuts.</summary>
    public void Heal() => _cut.Clear();

    /// <summary>Ends all cuts, loss, duplication and lateness.</summary>
    public void Calm()
    {
        Heal();
        Loss = Duplication = LateShare = 0;
    }

    /// <summary>When the copies of one message arrive, counted from now; none when it is lost.</summary>
    public IEnumerable<TimeSpan> Deliveries(Address from, Address to)
    {
        var copies = random.NextDouble() < Duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var delay = TimeSpan.FromMilliseconds(0.2 + random.NextDouble() * 10);
            if (random.NextDouble() < LateShare)
                delay += Lateness * random.NextDouble();
            if (random.NextDouble() >= Loss && !_cut.Contains((from, to)))
                yield return delay;
        }
    }
}
