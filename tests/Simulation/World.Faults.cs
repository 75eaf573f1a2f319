using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Simulation.Machines;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>What goes wrong, and what operators do meanwhile.</summary>
internal sealed partial class World
{
    private readonly HashSet<Machine> _slowDisks = [];
    private readonly HashSet<Machine> _refusing = [];
    private Machine? _monitorHost;
    private bool _monitorAbsent;

    public TimeSpan SlowDisk(Machine machine) =>
        _slowDisks.Contains(machine) ? TimeSpan.FromMilliseconds(100 * Random.Unit()) : TimeSpan.Zero;

    /// <summary>Whether a connection to the machine's process is refused, rightly or not; null: nobody says anything.</summary>
    public bool? Refuses(Machine from, Machine to) =>
        _refusing.Contains(to) ? true
        : Connected(from, to) ? to.Process is null
        : null;

    private void Happen(Fault fault)
    {
        if (Logs)
            Log($"FAULT {fault}");
        var machine = Target(fault);
        var until = fault.For;
        switch (fault.Kind)
        {
            case FaultKind.Crash:
                CrashThenStart(machine, until, wipe: false);
                break;
            case FaultKind.CrashAndWipe:
                CrashThenStart(machine, until, wipe: true);
                break;
            case FaultKind.WipeVoter when MayLoseMemory(machine):
                CrashThenStart(machine, until, wipe: true);
                machine.Acceptor = AcceptorState.Initial;
                machine.Formation = null;
                break;
            case FaultKind.CrashAll:
                foreach (var each in Machines)
                    CrashThenStart(each, until * Random.Unit(), wipe: false);
                break;
            case FaultKind.Pause:
                Pause(machine, until);
                break;
            case FaultKind.Hang when machine.HasData:
                Hang(machine, fault, until);
                break;
            case FaultKind.CutOff or FaultKind.CutOneWay or FaultKind.CutPair:
                CutThenHeal(machine, fault.Kind, until);
                break;
            case FaultKind.Resets:
                Reset(machine, until);
                break;
            case FaultKind.Flapping:
                Flap(TimeSpan.FromMilliseconds(Math.Pow(10, Random.Between(0, 2))), Now + until);
                break;
            case FaultKind.DiskFails when machine is { HasData: true, Process: not null, Paused: false }:
                foreach (var partition in machine.Process.Partitions)
                    partition.FailDisk();
                break;
            case FaultKind.SlowDisk:
                _slowDisks.Add(machine);
                After(until, () => _slowDisks.Remove(machine));
                break;
            case FaultKind.Storm:
                StormLoss = 0.3;
                After(until, () => StormLoss = 0);
                break;
            default:
                Administer(fault, machine);
                break;
        }
    }

    private void Administer(Fault fault, Machine machine)
    {
        var partition = new PartitionId(fault.Index % Scenario.Partitions);
        var acting = machine is { Process: not null, Paused: false } ? machine.Process : null;
        switch (fault.Kind)
        {
            case FaultKind.MonitorAbsent:
                _monitorAbsent = true;
                StopMonitors();
                After(
                    fault.For,
                    () =>
                    {
                        _monitorAbsent = false;
                        PlaceMonitor();
                    }
                );
                break;
            case FaultKind.MonitorDoubled:
                acting?.StartMonitor();
                break;
            case FaultKind.MonitorMoves:
                StopMonitors();
                acting?.StartMonitor();
                _monitorHost = acting is null ? null : machine;
                break;
            case FaultKind.Switchover:
                NodeId? to = fault.For.Ticks % 2 == 0 ? null : Random.Pick(Machines).Name;
                if (Ledgers[partition.Value].NewestView is { } view)
                    SendFromClient(MachineOf(view.Primary.Node), p => p.SwitchOver(partition, to));
                break;
            case FaultKind.ForcedFailover:
                acting?.Force(partition, acceptDataLoss: false);
                break;
            case FaultKind.ForcedFailoverWithLoss:
                acting?.Force(partition, acceptDataLoss: true);
                break;
            case FaultKind.PauseFormation:
                acting?.Propose(new Change.SetPaused(true), TimeSpan.FromSeconds(2), _ => { });
                After(fault.For, () => Ask(new Change.SetPaused(false)));
                break;
            case FaultKind.Maintenance:
                acting?.Propose(new Change.SetMaintenance(machine.Name, true), TimeSpan.FromSeconds(2), _ => { });
                After(fault.For, () => Ask(new Change.SetMaintenance(machine.Name, false)));
                break;
            default:
                AdministerVoters(fault, machine);
                break;
        }
    }

    private void Ask(Change change)
    {
        var able = Machines.Where(m => m is { Process: not null, Paused: false }).ToArray();
        if (able.Length > 0)
            Random.Pick(able).Process!.Propose(change, TimeSpan.FromSeconds(2), _ => { });
    }

    private Machine Target(Fault fault)
    {
        var view = Ledgers[fault.Index % Scenario.Partitions].NewestView;
        return fault.Aim switch
        {
            Aim.Primary when view is not null => MachineOf(view.Primary.Node),
            Aim.Standby when view is { InSync.Length: > 1 } => MachineOf(
                view.InSync.First(r => r != view.Primary).Node
            ),
            Aim.Monitor when _monitorHost is not null => _monitorHost,
            _ => Machines[fault.Index % Machines.Count],
        };
    }

    private void CrashThenStart(Machine machine, TimeSpan downFor, bool wipe)
    {
        if (machine.Process is null)
            return;
        Crash(machine);
        if (wipe)
            Wipe(machine);
        After(downFor, () => StartProcess(machine));
    }

    private void Crash(Machine machine)
    {
        var run = machine.Run;
        machine.Process = null;
        machine.Paused = false;
        machine.Backlog.Clear();
        if (Mutant.ForgetPromise)
            machine.Acceptor = AcceptorState.Initial;
        for (var p = 0; p < machine.Logs.Length; p++)
        {
            if (Scenario.Durable)
                machine.Logs[p].Crash(Random);
            else
                machine.Logs[p] = NewLog();
        }

        foreach (var other in Machines)
        {
            if (other != machine)
                TellClosed(machine, other, run);
        }

        if (_monitorHost == machine)
        {
            _monitorHost = null;
            After(TimeSpan.FromMilliseconds(Random.Between(100, 3_000)), PlaceMonitor);
        }
    }

    /// <summary>The kernel says that the connection is closed; if it cannot, the peer finds out when it tries again.</summary>
    private void TellClosed(Machine dead, Machine other, long run)
    {
        if (!Connected(dead, other))
            After(TimeSpan.FromMilliseconds(100), () => TellClosed(dead, other, run));
        else
            Deliver(other, other.Run, RandomDelay(), p => p.OnConnectionClosed(dead, run));
    }

    private void Wipe(Machine machine)
    {
        for (var p = 0; p < machine.Logs.Length; p++)
            machine.Logs[p] = NewLog();
    }

    /// <summary>
    /// Whether enough others remember to go on without this one. More than that cannot be lost: the register would be gone, as
    /// it should. A change of the voters that nobody has heard of yet may need any of them, and may leave one voter less.
    /// </summary>
    private bool MayLoseMemory(Machine machine)
    {
        if (machine.Process is null || Register.Newest is not { Version: > 1, Voters.Length: > 2 } newest)
            return false;
        var forgetful = Machines.Count(m => m != machine && m.Acceptor.Forgetful);
        return forgetful == 0 || (forgetful == 1 && newest is { VotersSince: 0, Voters.Length: >= 5 });
    }

    private SimulatedLog NewLog() => new(new DataId(Random.Guid()));

    private void StartProcess(Machine machine)
    {
        if (machine.Process is not null)
            return;
        machine.Run++;
        machine.ClockStartedAt = TimeSpan.FromMilliseconds(Random.Between(1, 1_000_000)) - Now;
        machine.Process = new Process(this, machine);
        machine.Process.Start();
        PlaceMonitor();
    }

    private void Pause(Machine machine, TimeSpan duration)
    {
        if (machine.Process is null || machine.Paused)
            return;
        machine.Paused = true;
        var run = machine.Run;
        After(
            duration,
            () =>
            {
                if (machine.Run == run && machine.Paused)
                    Resume(machine);
            }
        );
    }

    private static void Resume(Machine machine)
    {
        machine.Paused = false;
        // Handling one may end the process; what is left is then gone with it.
        while (machine.Process is not null && machine.Backlog.TryDequeue(out var action))
            action();
    }

    private void Hang(Machine machine, Fault fault, TimeSpan duration)
    {
        if (machine.Process is not { } process)
            return;
        var partition = process.Partitions[fault.Index % process.Partitions.Length];
        partition.Hang(true);
        For(machine, Now + duration, () => partition.Hang(false));
    }

    private void CutThenHeal(Machine machine, FaultKind kind, TimeSpan duration)
    {
        var pairs = kind switch
        {
            FaultKind.CutOff => Others(machine).SelectMany(o => new[] { (machine, o), (o, machine) }),
            FaultKind.CutOneWay => Random.Below(2) == 0
                ? Others(machine).Select(o => (machine, o))
                : Others(machine).Select(o => (o, machine)),
            _ => Random.Pick([.. Others(machine)]) is var other ? [(machine, other), (other, machine)] : [],
        };
        CutThenHeal([.. pairs], duration);
    }

    private void CutThenHeal((Machine From, Machine To)[] cut, TimeSpan duration)
    {
        foreach (var (from, to) in cut)
            Cut(from, to, true);
        After(
            duration,
            () =>
            {
                foreach (var (from, to) in cut)
                    Cut(from, to, false);
            }
        );
    }

    private void Reset(Machine machine, TimeSpan duration)
    {
        if (!_refusing.Add(machine))
            return;
        CutThenHeal(machine, FaultKind.CutOff, duration);
        foreach (var other in Others(machine))
            Deliver(other, other.Run, RandomDelay(), p => p.OnConnectionClosed(machine, machine.Run));
        After(duration, () => _refusing.Remove(machine));
    }

    /// <summary>Every link is up or down anew, now and then, until the end.</summary>
    private void Flap(TimeSpan every, TimeSpan end)
    {
        var goesOn = Now < end && !_healed;
        foreach (var one in Machines)
        {
            foreach (var other in Machines.Where(m => m.Index > one.Index))
            {
                var cut = goesOn && Random.Below(2) == 0;
                Cut(one, other, cut);
                Cut(other, one, cut);
            }
        }

        if (goesOn)
            After(every * (2 * Random.Unit()), () => Flap(every, end));
    }

    private IEnumerable<Machine> Others(Machine machine) => Machines.Where(m => m != machine);

    private void StopMonitors()
    {
        foreach (var machine in Machines)
            machine.Process?.StopMonitor();
        _monitorHost = null;
    }

    /// <summary>The cluster's singleton finds a place: a monitor node if one runs, else any.</summary>
    private void PlaceMonitor()
    {
        if (_monitorAbsent || _monitorHost is not null)
            return;
        var host = Machines.LastOrDefault(m => m.Process is not null);
        if (host is null)
            return;
        _monitorHost = host;
        host.Process!.StartMonitor();
    }
}
