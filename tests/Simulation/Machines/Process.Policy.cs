using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Simulation.Machines;

/// <summary>Who decides: the stand-in that every data node has, and the Monitor where the singleton runs.</summary>
internal sealed partial class Process
{
    private PolicyShell? _monitor;
    private PolicyShell? _standIn;

    private sealed class PolicyShell(MonitorPolicy policy)
    {
        public MonitorPolicy Policy => policy;
        public Queue<PolicyInput> Inputs { get; } = new();
        public bool Stepping { get; set; }
        public bool Stopped { get; set; }
        public Alarm Alarm { get; set; } = null!;
    }

    public bool Monitors => _monitor is not null;

    /// <summary>The singleton moved here. Its memory is only a cache: it starts from a read of the register.</summary>
    public void StartMonitor()
    {
        if (_monitor is not null)
            return;
        var monitor = _monitor = NewPolicy(Mandate.Monitor);
        // A new observer is told of everybody.
        _toldOfItself = null;
        foreach (var (name, peer) in _peers)
        {
            peer.Told = null;
            Judge(name, peer);
        }

        void Read() =>
            Propose(
                new Change.Confirm(),
                TimeSpan.FromSeconds(1),
                outcome =>
                {
                    if (outcome is ProposalOutcome.Done done)
                        Step(monitor, new PolicyInput.StateLearned(done.State, WallNow));
                    else if (_monitor == monitor)
                        Read();
                }
            );
        Read();
    }

    public void StopMonitor()
    {
        if (_monitor is not null)
            _monitor.Stopped = true;
        _monitor = null;
    }

    public void Force(PartitionId partition, bool acceptDataLoss)
    {
        if ((_monitor ?? _standIn) is { } policy)
            Step(policy, new PolicyInput.FailoverForced(new OperatorToken(1), partition, acceptDataLoss));
    }

    private PolicyShell NewPolicy(Mandate mandate)
    {
        var shell = new PolicyShell(
            new MonitorPolicy(
                new PolicyOptions
                {
                    Self = _machine.Name,
                    Voters = _world.Voters,
                    Partitions = _world.Scenario.Partitions,
                    NewFormation = new FormationId(_world.Random.Guid()),
                    Mandate = mandate,
                    Detection = _detection,
                }
            )
        );
        shell.Alarm = new Alarm(_world, _machine, () => Step(shell, PolicyInput.DeadlineReached.Instance));
        return shell;
    }

    private void ToPolicies(PolicyInput input)
    {
        if (_standIn is not null)
            Step(_standIn, input);
        if (_monitor is not null)
            Step(_monitor, input);
    }

    private void Step(PolicyShell shell, PolicyInput input)
    {
        shell.Inputs.Enqueue(input);
        if (shell.Stepping || shell.Stopped)
            return;
        shell.Stepping = true;
        while (shell.Inputs.TryDequeue(out var next))
        {
            List<PolicyEffect> effects = [];
            shell.Policy.Step(next, Now, effects);
            foreach (var effect in effects)
                Perform(shell, effect);
        }

        shell.Stepping = false;
        shell.Alarm.Rearm(shell.Policy.NextDeadline);
    }

    private void Perform(PolicyShell shell, PolicyEffect effect)
    {
        switch (effect)
        {
            case PolicyEffect.Propose propose:
                if (_world.Logs)
                    _world.Log($"{_machine.Name} proposes {propose.Change}");
                Propose(
                    propose.Change,
                    TimeSpan.FromSeconds(2),
                    outcome =>
                    {
                        if (_world.Logs)
                            _world.Log(
                                $"    {_machine.Name} {propose.Change.GetType().Name} ended: {outcome.GetType().Name} {(outcome as ProposalOutcome.Refused)?.Reason}"
                            );
                        Step(shell, new PolicyInput.ProposalEnded(propose.Change, outcome));
                    }
                );
                break;
            case PolicyEffect.Withdraw withdraw:
                Withdraw(withdraw.Change);
                break;
            case PolicyEffect.SwitchOver switchOver:
                var primary = _world.MachineOf(switchOver.Primary);
                _world.Send(_machine, primary, p => p.SwitchOver(switchOver.Partition, null));
                break;
            case PolicyEffect.MoveAway away:
                _world.Send(_machine, _world.MachineOf(away.Primary), p => p.SwitchOver(away.Partition, away.Target));
                break;
            case PolicyEffect.Alarm or PolicyEffect.Refuse or PolicyEffect.AnswerWith:
                break;
        }
    }

    public void SwitchOver(PartitionId partition, NodeId? to)
    {
        if (partition.Value < _partitions.Length)
            _partitions[partition.Value]
                .Ask(token => new ReplicaInput.Switchover(token, to, "an operator asked for it"), _ => { });
    }
}
