using Failover.Core;
using Failover.Core.Views;
using Failover.Simulation.Machines;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>What operators do to the list of voters, and where they are interrupted.</summary>
internal sealed partial class World
{
    private static readonly TimeSpan _commandPatience = TimeSpan.FromSeconds(2);

    /// <summary>Whose votes operators have asked to be taken away; nobody knows which of the commands get through.</summary>
    private readonly HashSet<Machine> _removals = [];

    /// <summary>One node stays dead at the end: what is left must be a majority of any list.</summary>
    private int FewestVoters => Scenario.OneStaysDead ? 3 : 1;

    private void AdministerVoters(Fault fault, Machine machine)
    {
        var partition = new PartitionId(fault.Index % Scenario.Partitions);
        switch (fault.Kind)
        {
            case FaultKind.RemoveVoter when MayRemove(machine):
                ChangeVoters(Surviving(), Remove(machine));
                After(fault.For, () => ChangeVoters(Surviving(), new Change.AddVoter(machine.Name)));
                break;
            case FaultKind.AddVoter when Register.Newest is { } state:
                var silent = Machines.FirstOrDefault(m => !state.Voters.Contains(m.Name)) ?? machine;
                ChangeVoters(Surviving(), new Change.AddVoter(silent.Name));
                break;
            case FaultKind.ChainOfVoters:
                var at = Surviving();
                var changes = 2 + Random.Below(3);
                Chain(at, () => changes-- > 0 ? NextOfChain(at) : null, mortal: true);
                break;
            case FaultKind.RivalOperators:
                Rival();
                break;
            case FaultKind.ReplaceVotersOfPrimary when Ledgers[partition.Value].NewestView is { } view:
                ReplaceVotersOf(MachineOf(view.Primary.Node), fault, partition);
                break;
        }
    }

    private bool MayRemove(Machine machine) =>
        _removals.Contains(machine) || Machines.Count - _removals.Count > FewestVoters;

    private Machine? Surviving()
    {
        var able = Machines.Where(m => m is { Process: not null, Paused: false }).ToArray();
        return able.Length == 0 ? null : Random.Pick(able);
    }

    /// <summary>
    /// The most dangerous moment for a lease that outdated voters have granted: (1) some voters hear nothing of the primary
    /// until their grants to it are over, (2) then nobody does, (3) the others, who still grant, are voters no more as fast
    /// as that can be done, (4) and somebody else is made primary by those who grant nothing.
    /// </summary>
    private void ReplaceVotersOf(Machine primary, Fault fault, PartitionId partition)
    {
        var others = Others(primary).OrderBy(_ => Random.Next()).ToArray();
        var deaf = others[..(others.Length / 2)];
        foreach (var one in deaf)
            CutThenHeal([(primary, one), (one, primary)], fault.For + TimeSpan.FromSeconds(1));
        After(
            TimeSpan.FromMilliseconds(Random.Between(340, 480)),
            () =>
            {
                if (_healed)
                    return;
                CutThenHeal(primary, FaultKind.CutOff, fault.For);
                var leaving = new Queue<Machine>(others.Except(deaf));
                // Whoever replaces a node replaces it in its role as well, and does not wait until it counts as dead.
                Chain(
                    deaf[0],
                    () => leaving.TryDequeue(out var next) && MayRemove(next) ? Remove(next) : null,
                    mortal: false,
                    () => deaf[0].Process?.Force(partition, acceptDataLoss: true)
                );
            }
        );
    }

    /// <summary>One change after the other, as fast as they are done, from one node, until there is none left.</summary>
    /// <param name="mortal">Now and then the node dies between two steps.</param>
    private void Chain(Machine? at, Func<Change?> next, bool mortal, Action? then = null)
    {
        if (_healed || next() is not { } change)
            then?.Invoke();
        else
            ChangeVoters(at, change, () => Chain(at, next, mortal, then), dies: mortal && Random.Below(8) == 0);
    }

    private void Rival()
    {
        var able = Machines.Where(m => m is { Process: not null, Paused: false }).OrderBy(_ => Random.Next()).ToArray();
        if (able.Length < 2)
            return;
        foreach (var (at, rival) in new[] { (able[0], able[1]), (able[1], able[0]) })
        {
            if (MayRemove(rival))
                ChangeVoters(at, Remove(rival), () => ChangeVoters(at, new Change.AddVoter(rival.Name)));
        }
    }

    private Change.RemoveVoter Remove(Machine machine)
    {
        _removals.Add(machine);
        return new Change.RemoveVoter(machine.Name);
    }

    private Change NextOfChain(Machine? at)
    {
        var voters = Register.Newest?.Voters ?? Voters;
        var silent = Machines.Where(m => !voters.Contains(m.Name)).ToArray();
        var removable = Machines.Where(m => m != at && voters.Contains(m.Name) && MayRemove(m)).ToArray();
        if (removable.Length == 0 || (silent.Length > 0 && Random.Below(3) == 0))
            return new Change.AddVoter(Random.Pick(silent.Length > 0 ? silent : Machines).Name);
        return Remove(Random.Pick(removable));
    }

    /// <summary>An operator's command: the step asked for, then the steps that end it, unless the node dies meanwhile.</summary>
    /// <param name="dies">The node that carries it out dies after the first step.</param>
    private void ChangeVoters(Machine? at, Change change, Action? then = null, bool dies = false)
    {
        if (at?.Process is not { } process)
            return;
        Step(change);

        void Step(Change next) =>
            process.Propose(
                next,
                _commandPatience,
                outcome =>
                {
                    var isHalf = outcome is ProposalOutcome.Done { State.Former.IsEmpty: false };
                    if (isHalf && dies)
                        After(TimeSpan.Zero, () => CrashThenStart(at, _commandPatience * Random.Unit(), wipe: false));
                    else if (isHalf)
                        Step(new Change.SettleVoters());
                    else
                        then?.Invoke();
                }
            );
    }
}
