using System.Collections.Immutable;
using Failover.Core.Leases;
using Failover.Core.Views;
using FsCheck;
using FsCheck.Fluent;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Views;

/// <summary>Two proposers and three acceptors, with messages lost, doubled and out of order, and acceptors that restart.</summary>
public sealed class RegisterProperties
{
    [Fact]
    public void Committed_states_form_one_line_and_no_finished_change_is_lost() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(400),
            Prop.ForAll<byte[]>(steps => new Register().Survives(steps))
        );

    private sealed class Register
    {
        private static readonly NodeId[] Nodes = [A, B, C];
        private readonly Dictionary<NodeId, Acceptor> _acceptors = Nodes.ToDictionary(n => n, _ => NewAcceptor(null));
        private readonly Dictionary<NodeId, Proposer> _proposers = new() { [A] = NewProposer(A), [B] = NewProposer(B) };
        private readonly List<Action> _underWay = [];
        private readonly Dictionary<long, string> _committed = [];
        private readonly List<NodeId> _done = [];
        private FormationState? _newest;
        private Instant _now = At(1_000);
        private long _proposals;

        /// <returns>Whether all that was committed hangs together.</returns>
        public bool Survives(byte[] steps)
        {
            Propose(A, new Change.Create(Formation, [A, B, C], State(0, ViewOf(1, ReplicaA)).Views));
            foreach (var step in steps)
                Happens(step % 16, step / 16);
            return _done.All(node => _newest!.Maintenance.Contains(node));
        }

        private void Happens(int what, int which)
        {
            if (what == 0)
            {
                // Every change is another one, so that a lost one shows.
                Propose(which % 2 == 0 ? A : B, new Change.SetMaintenance(new($"n{_proposals}"), true));
            }
            else if (what == 1)
            {
                var restarts = Nodes[which % 3];
                _acceptors[restarts] = NewAcceptor(_acceptors[restarts].State);
            }
            else if (what <= 3)
            {
                _now += Ms(10 * which);
                Step(which % 2 == 0 ? A : B, new ProposerInput.DeadlineReached());
            }
            else if (_underWay.Count > 0)
            {
                var chosen = which % _underWay.Count;
                var deliver = _underWay[chosen];
                var (lost, doubled) = (what == 4, what == 5);
                if (!doubled)
                    _underWay.RemoveAt(chosen);
                if (!lost)
                    deliver();
            }
        }

        private void Propose(NodeId proposer, Change change) =>
            Step(proposer, new ProposerInput.Propose(new(_proposals++), change, SignedByM, Ms(10_000)));

        private void Step(NodeId proposer, ProposerInput input)
        {
            List<ProposerEffect> effects = [];
            _proposers[proposer].Step(input, _now, effects);
            foreach (var effect in effects)
            {
                if (effect is ProposerEffect.Ask ask)
                    _underWay.Add(() => Ask(proposer, ask.Voter, ask.Message));
                else if (effect is ProposerEffect.Committed { State: { } state })
                    Commits(state);
                else if (effect is ProposerEffect.Finished { Outcome: ProposalOutcome.Done { State: not null } } done)
                    _done.AddRange(done.Id.Value == 0 ? [] : [new NodeId($"n{done.Id.Value}")]);
            }
        }

        private void Ask(NodeId proposer, NodeId voter, RegisterMessage message)
        {
            List<AcceptorEffect> effects = [];
            _acceptors[voter].Step(new AcceptorInput.Asked(proposer, message), _now, effects);
            foreach (var answer in effects.OfType<AcceptorEffect.Answer>())
                _underWay.Add(() => Step(proposer, new ProposerInput.Answered(voter, answer.Message)));
        }

        private void Commits(FormationState state)
        {
            var spelled = Spelled.Out(state);
            Assert.Equal(_committed.GetValueOrDefault(state.Version, spelled), spelled);
            _committed[state.Version] = spelled;
            if (_newest is null || state.Version > _newest.Version)
                _newest = state;
        }

        private static Acceptor NewAcceptor(AcceptorState? recovered) =>
            new(
                recovered ?? AcceptorState.Initial with { Forgetful = false },
                new LeaseGrants(new LeaseOptions(), null),
                A,
                new(1)
            );

        private static Proposer NewProposer(NodeId self) =>
            new(
                new ProposerOptions
                {
                    Self = self,
                    Incarnation = new(1),
                    Electorate = ImmutableArray.Create(A, B, C),
                }
            );
    }
}
