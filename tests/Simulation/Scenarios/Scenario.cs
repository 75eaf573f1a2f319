namespace Failover.Simulation.Scenarios;

/// <summary>Everything that makes a run what it is. The same scenario gives the same run, step by step.</summary>
/// <remarks>
/// Swarm testing (Groce et al. 2012): a seed switches whole classes of faults off, so that the others meet in
/// combinations that a uniform mix would never give them room for.
/// </remarks>
internal sealed partial record Scenario
{
    public required ulong Seed { get; init; }
    public required int DataNodes { get; init; }
    public required int MonitorNodes { get; init; }
    public required int Partitions { get; init; }
    public required bool Durable { get; init; }
    public required int Clients { get; init; }
    public required TimeSpan FaultsFor { get; init; }
    public required double Loss { get; init; }
    public required double Duplication { get; init; }
    public required bool Ordered { get; init; }
    public required TimeSpan MaxDelay { get; init; }

    /// <summary>Share of messages that take up to a hundred times longer.</summary>
    public required double Stragglers { get; init; }
    public required double ClockSkew { get; init; }
    public required int RetainedEntries { get; init; }
    public required int BatchEntries { get; init; }
    public required TimeSpan DiskLatency { get; init; }
    public required int MinInSync { get; init; }

    /// <summary>Few sessions are remembered in some seeds, so that clients are forgotten while they ask again.</summary>
    public int SessionCapacity { get; init; } = 10_000;

    /// <summary>One node stays dead when everything else is healed: the others must do without it.</summary>
    public required bool OneStaysDead { get; init; }
    public required IReadOnlyList<Fault> Faults { get; init; }

    public int Nodes => DataNodes + MonitorNodes;

    public static Scenario FromSeed(ulong seed)
    {
        var random = new SeededRandom(seed * 0x2545F4914F6CDD1D);
        var nodes = 3 + random.Below(3);
        var monitors = random.Below(3) == 0 ? 0 : 1;
        var partitions = 1 + (random.Below(3) == 0 ? random.Below(3) : 0);
        var faultsFor = Ms(2_000 + random.Below(4_000));
        var scenario = new Scenario
        {
            Seed = seed,
            DataNodes = nodes - monitors,
            MonitorNodes = monitors,
            Partitions = partitions,
            Durable = random.Below(4) != 0,
            Clients = 1 + random.Below(4),
            FaultsFor = faultsFor,
            Loss = random.Below(2) == 0 ? 0 : random.Between(0, 0.1),
            Duplication = random.Below(2) == 0 ? 0 : random.Between(0, 0.1),
            Ordered = random.Below(3) == 0,
            MaxDelay = Ms(random.Pick([1, 1, 5, 20])),
            Stragglers = random.Below(2) == 0 ? 0 : random.Between(0, 0.02),
            ClockSkew = random.Below(2) == 0 ? 0 : random.Between(0, 0.05),
            RetainedEntries = random.Pick([1, 4, 16, 1_000]),
            BatchEntries = random.Pick([3, 16, 4_096]),
            DiskLatency = Ms(random.Pick([0, 1, 5, 20])),
            MinInSync = random.Below(6) == 0 ? 2 : 1,
            OneStaysDead = random.Below(4) == 0,
            Faults = [],
        };
        if (scenario.OneStaysDead)
            scenario = scenario with { MinInSync = 1 };
        return WithLaterKinds(scenario with { Faults = PlanFaults(scenario, random) });
    }

    private static List<Fault> PlanFaults(Scenario scenario, SeededRandom random)
    {
        var kinds = Enum.GetValues<FaultKind>().Where(k => k < FaultKind.Resets && random.Below(5) < 2).ToArray();
        // Crashes are what the product is about: most seeds have them.
        if (random.Below(3) != 0)
            kinds = [.. kinds, FaultKind.Crash];
        // Changes of the voters matter when they meet each other.
        if (random.Below(3) == 0)
            kinds = [.. kinds, FaultKind.RemoveVoter, FaultKind.RemoveVoter, FaultKind.AddVoter];
        return kinds.Length == 0 ? [] : PlanFaults(scenario, kinds, 1 + random.Below(12), random);
    }

    private static List<Fault> PlanFaults(Scenario scenario, FaultKind[] kinds, int count, SeededRandom random)
    {
        List<Fault> faults = [];
        for (var i = 0; i < count; i++)
        {
            var aim = (Aim)random.Below(4);
            var index = aim is Aim.Node or Aim.Monitor
                ? random.Below(scenario.Nodes)
                : random.Below(scenario.Partitions);
            // Many short ones, some long ones.
            var duration = Ms(Math.Pow(10, random.Between(0, 3.5)));
            faults.Add(
                new Fault(
                    Ms(random.Between(0, scenario.FaultsFor.TotalMilliseconds)),
                    random.Pick(kinds),
                    aim,
                    index,
                    duration
                )
            );
        }

        return faults;
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
