using System.Runtime.ExceptionServices;
using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Membership;
using Failover.Node.Metrics;

namespace Failover.Node.Lifeline;

/// <summary>
/// Runs one <see cref="Proposer"/>, and keeps this node's knowledge of the committed formation state: reads it from a
/// majority at the start, tells everyone what it gets committed, and fetches what it has missed.
/// </summary>
internal sealed class RegisterActor : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(2);

    private readonly NodeId _self;
    private readonly PeerDirectory _directory;
    private readonly FormationMemory _formation;
    private readonly MonotonicClock _clock;
    private readonly Proposer _proposer;
    private readonly List<ProposerEffect> _effects = [];
    private readonly Queue<ProposerEffect> _todo = [];
    private readonly FailoverMetrics _metrics;
    private readonly Dictionary<ProposalId, (Change Change, IActorRef Asker, Instant Since)> _proposals = [];
    private readonly List<IActorRef> _readers = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private FormationState? _state;
    private FormationId? _refused;
    private bool _read;
    private long _ids;
    private Thread? _remembering;

    public RegisterActor(
        ProposerOptions options,
        FormationMemory formation,
        PeerDirectory directory,
        MonotonicClock clock,
        FailoverMetrics metrics
    )
    {
        _metrics = metrics;
        _formation = formation;
        _self = options.Self;
        _directory = directory;
        _clock = clock;
        _proposer = new Proposer(options);

        Become(Ready);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    /// <summary>A heartbeat of <paramref name="Node"/> spoke of a newer state than this node knows.</summary>
    internal sealed record Outdated(NodeId Node);

    protected override void PreStart() => ReadFromMajority();

    // A node that ends must not write behind its own back: the file may belong to the next process already.
    protected override void PostStop() => _remembering?.Join();

    private void Ready()
    {
        Receive<ProposeChange>(m => Propose(m.Change, m.Patience, Sender));
        Receive<WithdrawChange>(OnWithdraw);
        Receive<RegisterEnvelope>(OnAnswered);
        Receive<ReadFormation>(_ => OnReadFormation());
        Receive<ChangeEnded>(OnReadEnded);
        Receive<StateCommitted>(m => Remembered(m.State, Learn));
        Receive<StateWanted>(_ => OnStateWanted());
        Receive<Outdated>(m => Actor(m.Node)?.Tell(new StateWanted(_self)));
        Receive<DeadlineReached>(_ => Drive(new ProposerInput.DeadlineReached()));
    }

    private IActorRef? Actor(NodeId node) => _directory.Actor(node, ActorNames.Register);

    private void ReadFromMajority() => Propose(new Change.Confirm(), ReadPatience, Self);

    private void OnReadEnded(ChangeEnded ended)
    {
        if (ended.Outcome is ProposalOutcome.Done)
            return;
        _log.Warning("the formation's state cannot be read yet: {0}", ended.Outcome);
        ReadFromMajority();
    }

    private void OnAnswered(RegisterEnvelope answer)
    {
        // As long as nothing can be read, this node's own voter may be one that has to remember first.
        if (!_read && answer.Message is RegisterMessage.Promise { Forgetful: false, State: { } state })
            _directory.Actor(_self, ActorNames.Acceptor)?.Tell(new AcceptorActor.Remembered(state));
        Drive(new ProposerInput.Answered(answer.From, answer.Message));
    }

    private void OnReadFormation()
    {
        if (_read)
            Sender.Tell(new FormationRead(_state));
        else
            _readers.Add(Sender);
    }

    private void Propose(Change change, TimeSpan patience, IActorRef asker)
    {
        var id = new ProposalId(++_ids);
        _proposals[id] = (change, asker, _clock.Now);
        Drive(new ProposerInput.Propose(id, change, new Signature(_clock.WallNow, _self), patience));
    }

    private void OnWithdraw(WithdrawChange withdraw)
    {
        foreach (var (id, (change, asker, _)) in _proposals.ToArray())
        {
            if (asker.Equals(Sender) && change.Equals(withdraw.Change))
                Drive(new ProposerInput.Withdraw(id));
        }
    }

    private void OnStateWanted()
    {
        if (_state is not null)
            Sender.Tell(new StateCommitted(_state));
    }

    private void Drive(ProposerInput input)
    {
        _proposer.Step(input, _clock.Now, _effects);
        foreach (var effect in _effects)
            _todo.Enqueue(effect);
        _effects.Clear();
        PerformUntilRemembering();
        Timers.Follow(_proposer.NextDeadline, _clock.Now);
    }

    private void PerformUntilRemembering()
    {
        while (_remembering is null && _todo.TryDequeue(out var effect))
            Perform(effect);
    }

    private void Perform(ProposerEffect effect)
    {
        switch (effect)
        {
            case ProposerEffect.Ask ask:
                _directory.Actor(ask.Voter, ActorNames.Acceptor)?.Tell(new RegisterEnvelope(_self, ask.Message));
                break;
            case ProposerEffect.Committed committed:
                if (committed.State is { } state)
                    Remembered(state, OnCommitted);
                else
                    OnCommitted(null);
                break;
            case ProposerEffect.Finished finished:
                OnFinished(finished.Id, finished.Outcome);
                break;
        }
    }

    private void OnFinished(ProposalId id, ProposalOutcome outcome)
    {
        if (!_proposals.Remove(id, out var proposal))
            return;
        var name = outcome switch
        {
            ProposalOutcome.Done => "committed",
            ProposalOutcome.Refused => "conflict",
            _ => "no-majority",
        };
        _metrics.RegisterRound(_clock.Now - proposal.Since, name);
        proposal.Asker.Tell(new ChangeEnded(proposal.Change, outcome));
    }

    private void OnCommitted(FormationState? state)
    {
        var isNews = state is not null && IsNews(state);
        if (isNews)
        {
            // The others first: who hears of it here sends its requests to the new primary at once.
            foreach (var node in _directory.Nodes.Keys)
            {
                if (node != _self)
                    Actor(node)?.Tell(new StateCommitted(state!));
            }

            Learn(state!);
        }

        if (_read)
            return;
        // Whatever this node proposed or read first, a majority took part: that is the read it waited for.
        _read = true;
        // What others told before may have come when not everybody here listened yet.
        if (!isNews && _state is not null)
            Context.System.EventStream.Publish(new StateLearned(_state));
        foreach (var reader in _readers)
            reader.Tell(new FormationRead(_state));
        _readers.Clear();
    }

    private bool IsNews(FormationState state)
    {
        if (_formation.Known is { } mine && mine != state.Formation)
        {
            RefuseFormation(mine, state.Formation);
            return false;
        }

        return _state is not { } known || known.Version < state.Version;
    }

    private void Learn(FormationState state)
    {
        if (!IsNews(state))
            return;
        _state = state;
        _proposer.Step(new ProposerInput.Learned(state), _clock.Now, _effects);
        Context.System.EventStream.Publish(new StateLearned(state));
    }

    /// <summary>
    /// The first state of all says which formation this node belongs to. That is on disk before anything else is done with it;
    /// a thread of its own writes, since the heartbeats share this actor's, and what else comes in waits meanwhile.
    /// </summary>
    private void Remembered(FormationState state, Action<FormationState> then)
    {
        if (_formation.Known is not null)
        {
            then(state);
            return;
        }

        _remembering = LifelineThread.Start("formation-save", () => _formation.Remember(state.Formation), Self);
        Become(() =>
        {
            Receive<LifelineThread.Done>(done => OnRemembered(done, () => then(state)));
            ReceiveAny(_ => Stash.Stash());
        });
    }

    private void OnRemembered(LifelineThread.Done done, Action then)
    {
        _remembering = null;
        if (done.Failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        Become(Ready);
        then();
        PerformUntilRemembering();
        Timers.Follow(_proposer.NextDeadline, _clock.Now);
        Stash.UnstashAll();
    }

    private void RefuseFormation(FormationId mine, FormationId other)
    {
        if (_refused == other)
            return;
        _refused = other;
        _log.Error(
            "this node's data belongs to formation {0}, and others speak of formation {1}: it takes no part in that one. To let it join as a new node, take it off the voters there and start it with an empty data directory",
            mine,
            other
        );
    }
}
