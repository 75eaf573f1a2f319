using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Views;

namespace Failover.Simulation.Machines;

/// <summary>The node's parts of the view register: its acceptor, and the one proposer that all its parts share.</summary>
internal sealed partial class Process
{
    private readonly Acceptor _acceptor;
    private readonly Proposer _proposer;
    private readonly Alarm _proposerAlarm;
    private readonly Alarm _acceptorAlarm;
    private readonly Dictionary<ProposalId, (Change Change, Action<ProposalOutcome> Ended)> _proposals = [];
    private readonly Queue<ProposerInput> _proposerInputs = new();
    private long _lastProposal;
    private bool _steppingProposer;
    private bool _acceptorSilent;

    public void Propose(Change change, TimeSpan patience, Action<ProposalOutcome> ended)
    {
        var id = new ProposalId(++_lastProposal);
        _proposals.Add(id, (change, ended));
        var signature = new Signature(WallNow, _machine.Name);
        StepProposer(new ProposerInput.Propose(id, change, signature, patience));
    }

    private void Withdraw(Change change)
    {
        foreach (var (id, proposal) in _proposals.ToArray())
        {
            if (ReferenceEquals(proposal.Change, change))
                StepProposer(new ProposerInput.Withdraw(id));
        }
    }

    public void OnRegisterMessage(Machine from, RegisterMessage message)
    {
        if (_world.Logs)
            _world.Log($"{_machine.Name} from {from.Name}: {Brief(message)}");
        if (message is RegisterMessage.Prepare or RegisterMessage.Accept)
            StepAcceptor(new AcceptorInput.Asked(from.Name, message));
        else
        {
            if (message is RegisterMessage.Promise { Forgetful: false, State: { } state })
                StepAcceptor(new AcceptorInput.Remembered(state));
            // One mailbox here for both; each knows its own ballots.
            StepAcceptor(new AcceptorInput.Told(from.Name, message));
            StepProposer(new ProposerInput.Answered(from.Name, message));
        }
    }

    private static string Brief(RegisterMessage message) =>
        message switch
        {
            RegisterMessage.Promise promise =>
                $"Promise {promise.Ballot}, accepted {promise.State?.Version} at {promise.AcceptedAt}, {promise.Leases.Count} leases",
            RegisterMessage.Accept accept => $"Accept {accept.Ballot} version {accept.State?.Version}",
            _ => message.ToString(),
        };

    private void OnClaims(AcceptorInput.Claimed claimed) => StepAcceptor(claimed);

    private void StepAcceptor(AcceptorInput input)
    {
        if (_acceptorSilent)
            return;
        List<AcceptorEffect> effects = [];
        _acceptor.Step(input, Now, effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case AcceptorEffect.Persist persist:
                    // A voter that cannot keep its promises must not make any.
                    if (_machine.Logs.Any(l => l.Failing))
                    {
                        _acceptorSilent = true;
                        return;
                    }

                    _machine.Acceptor = persist.State;
                    _world.Register.Persisted(_machine.Name, persist.State);
                    break;
                case AcceptorEffect.Answer answer:
                    var to = _world.MachineOf(answer.To);
                    _world.Send(_machine, to, p => p.OnRegisterMessage(_machine, answer.Message));
                    break;
                case AcceptorEffect.Ask ask:
                    _world.Send(_machine, _world.MachineOf(ask.Voter), p => p.OnRegisterMessage(_machine, ask.Message));
                    break;
                case AcceptorEffect.AnswerClaims claims:
                    AnswerClaims(_world.MachineOf(claims.To), claims);
                    break;
            }
        }

        _acceptorAlarm.Rearm(_acceptor.NextDeadline);
    }

    private void AnswerClaims(Machine to, AcceptorEffect.AnswerClaims claims)
    {
        if (to == _machine)
        {
            OnGrants(_machine, claims);
            return;
        }

        TellNews();
        var report = Report();
        var claimant = _peers[to.Name].Health;
        var next = HeartbeatPace.AfterAnswer(claimant);
        _pace.Answered(claimant, Now);
        // On the connection that asked: an instant means nothing to another run's clock.
        _world.Send(_machine, to, p => p.OnClaimsAnswered(_machine, claims, report, next), RunHeardFrom(to));
        if (_pace.BeatAfterAnswer(claimant) is not { } later)
            return;
        Beat();
        _nextBeat = Now + later;
    }

    private long RunHeardFrom(Machine other) => _peers[other.Name].Health.Incarnation?.Value ?? -1;

    private void OnClaimsAnswered(Machine from, AcceptorEffect.AnswerClaims claims, NodeReport report, TimeSpan next)
    {
        if (!TryHear(from, report, next))
            return;
        // A new process voids what the one before it was granted.
        OnClaims(new AcceptorInput.Claimed(from.Name, report.Incarnation, report.Version, Now, []));
        OnGrants(from, claims);
        Judge(from.Name, _peers[from.Name]);
    }

    private void OnGrants(Machine from, AcceptorEffect.AnswerClaims claims)
    {
        foreach (var answer in claims.Answers)
        {
            if (answer.Granted && answer.Partition.Value < _partitions.Length)
                _partitions[answer.Partition.Value].Granted(from.Name, answer.Epoch, claims.SentAt);
        }
    }

    /// <summary>Effects may lead to new proposals: those wait until the step that caused them is over.</summary>
    private void StepProposer(ProposerInput input)
    {
        _proposerInputs.Enqueue(input);
        if (_steppingProposer)
            return;
        _steppingProposer = true;
        while (_proposerInputs.TryDequeue(out var next))
        {
            List<ProposerEffect> effects = [];
            _proposer.Step(next, Now, effects);
            foreach (var effect in effects)
                Perform(effect);
        }

        _steppingProposer = false;
        _proposerAlarm.Rearm(_proposer.NextDeadline);
    }

    private void Perform(ProposerEffect effect)
    {
        switch (effect)
        {
            case ProposerEffect.Ask ask:
                _world.Send(_machine, _world.MachineOf(ask.Voter), p => p.OnRegisterMessage(_machine, ask.Message));
                break;
            case ProposerEffect.Committed { State: { } state }:
                _world.Register.Committed(state);
                OnStateCommitted(state);
                foreach (var other in _world.Machines)
                {
                    if (other != _machine)
                        _world.Send(_machine, other, p => p.OnStateCommitted(state));
                }

                break;
            case ProposerEffect.Committed:
                break;
            case ProposerEffect.Finished finished:
                if (_proposals.Remove(finished.Id, out var proposal))
                    proposal.Ended(finished.Outcome);
                break;
        }
    }
}
