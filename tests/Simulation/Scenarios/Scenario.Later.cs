namespace Failover.Simulation.Scenarios;

/// <summary>
/// Kinds of faults that came later, drawn from generators of their own: the other faults of a seed stay what they were
/// before, so that a seed that found something finds it still.
/// </summary>
internal sealed partial record Scenario
{
    private static Scenario WithLaterKinds(Scenario scenario) =>
        WithFewSessions(WithWipedVoters(WithLaterFaults(scenario)));

    /// <summary>Directories are lost while the others come and go: it matters who has missed what.</summary>
    private static Scenario WithWipedVoters(Scenario scenario)
    {
        var random = new SeededRandom(scenario.Seed * 0xD6E8FEB86659FD93);
        if (random.Below(5) != 0)
            return scenario;
        var faults = PlanFaults(scenario, _wipes, 2 + random.Below(8), random);
        return scenario with { OneStaysDead = false, Faults = [.. scenario.Faults.Concat(faults).OrderBy(f => f.At)] };
    }

    private static Scenario WithFewSessions(Scenario scenario)
    {
        var random = new SeededRandom(scenario.Seed * 0xA24BAED4963EE407);
        return random.Below(4) != 0 ? scenario : scenario with { SessionCapacity = 1 + random.Below(2) };
    }

    private static Scenario WithLaterFaults(Scenario scenario)
    {
        var random = new SeededRandom(scenario.Seed * 0x1E782196324F3E81);
        if (random.Below(4) == 0)
            return OfVoters(scenario, random);
        List<Fault> faults = [.. scenario.Faults, .. PlanResets(scenario)];
        if (random.Below(6) == 0)
            faults.AddRange(PlanFaults(scenario, _later, 1 + random.Below(3), random));
        return scenario with { Faults = [.. faults.OrderBy(f => f.At)] };
    }

    private static readonly FaultKind[] _later =
    [
        FaultKind.Flapping,
        FaultKind.ChainOfVoters,
        FaultKind.RivalOperators,
        FaultKind.ReplaceVotersOfPrimary,
    ];

    private static readonly FaultKind[] _rivalry =
    [
        FaultKind.RivalOperators,
        FaultKind.RivalOperators,
        FaultKind.RivalOperators,
        FaultKind.Flapping,
        FaultKind.Storm,
        FaultKind.ChainOfVoters,
    ];

    private static readonly FaultKind[] _wipes =
    [
        FaultKind.WipeVoter,
        FaultKind.WipeVoter,
        FaultKind.Crash,
        FaultKind.CutOff,
        FaultKind.Switchover,
    ];

    private static readonly FaultKind[] _replacement = [FaultKind.ReplaceVotersOfPrimary, FaultKind.AddVoter];

    /// <summary>
    /// The list of voters changes again and again while the network is at its worst. Forks of the register need an even
    /// number of voters and messages that overtake whole rounds; outdated leases need two changes within one lease.
    /// </summary>
    private static Scenario OfVoters(Scenario scenario, SeededRandom random)
    {
        var rivals = random.Below(2) == 0;
        scenario = scenario with { DataNodes = (rivals ? 4 : 5) - scenario.MonitorNodes };
        scenario = rivals
            ? scenario with
            {
                MaxDelay = Ms(20),
            }
            : scenario with
            {
                Loss = 0,
                Stragglers = 0,
                MaxDelay = Ms(1),
                Clients = 4,
            };
        var faults = PlanFaults(scenario, rivals ? _rivalry : _replacement, 1 + random.Below(12), random);
        return scenario with { Faults = [.. faults.OrderBy(f => f.At)] };
    }

    private static IEnumerable<Fault> PlanResets(Scenario scenario)
    {
        var random = new SeededRandom(scenario.Seed * 0x9E3779B97F4A7C15);
        for (var left = random.Below(6) == 0 ? 1 + random.Below(4) : 0; left > 0; left--)
        {
            yield return new Fault(
                Ms(random.Between(0, scenario.FaultsFor.TotalMilliseconds)),
                FaultKind.Resets,
                random.Below(4) == 0 ? Aim.Node : Aim.Primary,
                random.Below(scenario.Nodes),
                Ms(random.Between(50, 1_000))
            );
        }
    }
}
