using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Linearizability;
using Failover.Simulation.Checks;
using Failover.Simulation.Clients;
using Failover.Simulation.Machines;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>A run: start, faults, healing, progress.</summary>
internal sealed partial class World
{
    /// <summary>By when a healed formation must serve again, with all its replicas in sync.</summary>
    private static readonly TimeSpan _recovery = TimeSpan.FromSeconds(30);

    private readonly SeededRandom _clientSeeds;
    private readonly List<Client> _clients = [];
    private long _operations;
    private Machine? _dead;

    /// <summary>What clients asked for and were told.</summary>
    public List<Operation> History { get; } = [];

    public long NextOperation() => ++_operations;

    public int AcknowledgedWrites => _clients.Sum(c => c.Acknowledged);

    public void Run()
    {
        foreach (var machine in Machines)
        {
            if (machine.HasData)
                machine.Logs = [.. Enumerable.Range(0, Scenario.Partitions).Select(_ => NewLog())];
            After(TimeSpan.FromMilliseconds(Random.Between(0, 200)), () => StartProcess(machine));
        }

        for (var i = 0; i < Scenario.Clients; i++)
            _clients.Add(new Client(this, i, _clientSeeds.Fork()));
        foreach (var client in _clients)
            client.Start();
        foreach (var fault in Scenario.Faults)
            After(fault.At, () => Happen(fault));
        RunUntil(Scenario.FaultsFor);
        HealAndDemandProgress();
        CheckWhatIsLeft();
    }

    private void HealAndDemandProgress()
    {
        if (Logs)
            Log("HEALED");
        _healed = true;
        StormLoss = 0;
        _slowDisks.Clear();
        _refusing.Clear();
        _monitorAbsent = false;
        Array.Clear(_cut);
        _dead = Scenario.OneStaysDead ? Expendable() : null;
        foreach (var machine in Machines)
            Heal(machine);
        if (_dead?.Process is not null)
            Crash(_dead);
        StopMonitors();
        PlaceMonitor();
        OperatorTidiesUp();
        var acknowledged = _clients.ConvertAll(c => c.Acknowledged);
        var end = Now + _recovery;
        if (!RunUntil(end, () => IsWell() && _clients.Zip(acknowledged).All(c => c.First.Acknowledged > c.Second)))
            throw new Violation(
                "progress after healing",
                $"not well after {_recovery.TotalSeconds} s: {WhatIsWrong()}"
            );
        foreach (var client in _clients)
            client.Stop();
        if (!RunUntil(Now + TimeSpan.FromSeconds(10), () => IsWell() && IsQuiet()))
            throw new Violation("progress after healing", $"replicas do not settle: {WhatIsWrong()}");
    }

    /// <summary>A node that the others can do without: nobody's only in-sync replica lives on it, and enough others remember.</summary>
    private Machine? Expendable()
    {
        var candidates = Machines.Where(m =>
            Remember(m)
            && Ledgers.All(l => l.NewestView is { } view && view.InSync.Any(r => r.Node != m.Name && Survives(r, l)))
        );
        return candidates.FirstOrDefault(m => m.Process is null) ?? candidates.FirstOrDefault();
    }

    /// <summary>
    /// Whether the voters can go on without this one. So many must remember that those can learn who never voted, as one whose disk
    /// failed before the formation was founded; and a majority, if perhaps nobody knows yet that it was founded (ADR 20).
    /// </summary>
    private bool Remember(Machine without) =>
        Register.Newest is not { } newest
        || newest.Electorate.Lists.All(list =>
        {
            var majority = FormationState.MajorityOf(list.Length);
            return list.Count(v => v != without.Name && !MachineOf(v).Acceptor.Forgetful)
                >= (newest.Version > 1 ? list.Length - majority + 1 : majority);
        });

    private bool Survives(ReplicaId replica, PartitionLedger ledger) =>
        MachineOf(replica.Node).Logs[ledger.Partition.Value].Data == replica.Data;

    private void Heal(Machine machine)
    {
        if (machine == _dead)
            return;
        if (machine.Paused)
            Resume(machine);
        foreach (var partition in machine.Process?.Partitions ?? [])
            partition.Hang(false);
        if (machine.Process is { } process && process.Partitions.Any(p => p.Replica.Role == ReplicaRole.Failed))
            Crash(machine);
        StartProcess(machine);
    }

    private void OperatorTidiesUp()
    {
        // A promotion that was under way may have left the dead node the only one in sync: then it is needed after all.
        if (
            _dead is { } dead
            && Ledgers.Any(l => l.NewestView is { } v && v.InSync.All(r => r.Node == dead.Name || !Survives(r, l)))
        )
        {
            _dead = null;
            StartProcess(dead);
        }

        // Again and again until it is done: nobody is told whether a change got through.
        Ask(new Change.SetPaused(false));
        foreach (var machine in Machines)
            Ask(new Change.SetMaintenance(machine.Name, false));
        foreach (var ledger in Ledgers)
        {
            if (ledger.NewestView is { } view && !view.InSync.Any(r => Survives(r, ledger)))
                _monitorHost?.Process?.Force(ledger.Partition, acceptDataLoss: true);
        }

        // What was asked for before the healing may still get through.
        After(TimeSpan.FromSeconds(1), OperatorTidiesUp);
    }

    private bool IsWell() => WhatIsWrong() is null;

    private string? WhatIsWrong()
    {
        if (Register.Newest is null)
            return "no formation";
        if (!Register.Newest.Former.IsEmpty)
            return "a change of the voters stands half done";
        foreach (var ledger in Ledgers)
        {
            var view = ledger.NewestView!;
            foreach (var machine in Machines.Where(m => m.HasData && m != _dead))
            {
                if (machine.Process is not { } process)
                    return $"{machine.Name} is down";
                var replica = process.Partitions[ledger.Partition.Value];
                var wanted = replica.Self == view.Primary ? ReplicaRole.Primary : ReplicaRole.Standby;
                if (replica.Replica.Role != wanted)
                    return $"{replica.Self} is {replica.Replica.Role} in partition {ledger.Partition}, {view}";
                if (!view.Contains(replica.Self))
                    return $"{replica.Self} is not in {view}";
            }
        }

        return null;
    }

    /// <summary>Everything committed is known everywhere.</summary>
    private bool IsQuiet() =>
        Ledgers.All(l =>
            Machines
                .Where(m => m is { HasData: true, Process: not null })
                .All(m =>
                    m.Process!.Partitions[l.Partition.Value].Replica is var replica
                    && replica.Commit == l.Count
                    && replica.Last.Sequence == l.Count
                )
        );

    private void CheckWhatIsLeft()
    {
        foreach (var ledger in Ledgers)
        {
            ledger.NothingLost();
            foreach (var machine in Machines.Where(m => m is { HasData: true, Process: not null }))
                ledger.SameMap(machine.Process!.Partitions[ledger.Partition.Value]);
        }

        var explained = History.Where(o => !Ledgers[o.Key[1] - '0'].LostByForce);
        if (Checker.FindViolation(explained) is { } key)
        {
            foreach (var operation in History.Where(o => Logs && o.Key == key).OrderBy(o => o.InvokedAt))
                Log(operation.ToString());
            throw new Violation("linearizability", $"no order explains what clients were told of {key}");
        }
    }
}
