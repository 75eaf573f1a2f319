using System.Runtime.ExceptionServices;
using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Membership;
using Failover.Node.Storage;

namespace Failover.Node.Lifeline;

/// <summary>Runs one <see cref="Acceptor"/>. What it promises is on disk before it answers; if that fails it falls silent.</summary>
/// <remarks>
/// The disk may take its time, and the heartbeats share this actor's thread: another thread writes, and until it has
/// written, what this actor owes is held back and what it is asked waits in its order.
/// </remarks>
internal sealed class AcceptorActor : ReceiveActor, IWithUnboundedStash, IWithTimers
{
    private readonly Acceptor _acceptor;
    private readonly AcceptorMemory _memory;
    private readonly MonotonicClock _clock;
    private readonly PeerDirectory _directory;
    private readonly List<AcceptorEffect> _effects = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<NodeId, IActorRef> _askers = [];
    private Action<AcceptorEffect.AnswerClaims>? _votes;
    private readonly NodeId _self;
    private readonly TimeSpan _hungAfter;
    private Thread? _saving;

    public AcceptorActor(
        NodeId self,
        AcceptorMemory memory,
        LeaseOptions lease,
        TimeSpan hungAfter,
        MonotonicClock clock,
        Incarnation incarnation,
        FormationId? formation,
        PeerDirectory directory
    )
    {
        _self = self;
        _hungAfter = hungAfter;
        _memory = memory;
        _clock = clock;
        _directory = directory;
        // Even an empty memory may be one that was lost just after a lease was granted.
        _acceptor = new Acceptor(memory.Recovered, new LeaseGrants(lease, clock.Now), self, incarnation, formation);

        Become(Voting);
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A heartbeat came: its sender lives, and asks for the leases it claims.</summary>
    /// <param name="Votes">Given the vote on them, on this actor's thread; never called if there are none.</param>
    internal sealed record Claimed(NodeReport Report, Instant SentAt, Action<AcceptorEffect.AnswerClaims> Votes);

    /// <summary>Another voter remembers this state.</summary>
    internal sealed record Remembered(FormationState State);

    internal sealed record ProcessGone(NodeId Node, Incarnation Incarnation);

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(StateLearned));

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        // A node that ends must not write behind its own back: the file may belong to the next process already.
        _saving?.Join();
    }

    private void Voting()
    {
        Receive<RegisterEnvelope>(OnEnvelope);
        Receive<StateLearned>(m => Drive(new AcceptorInput.Learned(m.State)));
        Receive<Remembered>(m => Drive(new AcceptorInput.Remembered(m.State)));
        Receive<DeadlineReached>(_ => Drive(AcceptorInput.DeadlineReached.Instance));
        Receive<Claimed>(OnClaimed);
        Receive<ProcessGone>(m => Drive(new AcceptorInput.ProcessGone(m.Node, m.Incarnation)));
    }

    private void Saving()
    {
        Receive<LifelineThread.Done>(OnSaved);
        ReceiveAny(_ => Stash.Stash());
    }

    private void OnEnvelope(RegisterEnvelope envelope)
    {
        if (envelope.Message is RegisterMessage.Prepare or RegisterMessage.Accept)
            OnAsked(envelope);
        else
            Drive(new AcceptorInput.Told(envelope.From, envelope.Message));
    }

    private void OnAsked(RegisterEnvelope asked)
    {
        _askers[asked.From] = Sender;
        Drive(new AcceptorInput.Asked(asked.From, asked.Message));
    }

    private void OnClaimed(Claimed claimed)
    {
        var claims = new List<LeaseClaim>();
        foreach (var replica in claimed.Report.Replicas)
        {
            if (replica.Released || replica.Claims(_hungAfter))
                claims.Add(new LeaseClaim(replica.Partition, replica.Epoch, replica.Released));
        }

        _votes = claimed.Votes;
        Drive(
            new AcceptorInput.Claimed(
                claimed.Report.Node,
                claimed.Report.Incarnation,
                claimed.Report.Version,
                claimed.SentAt,
                claims
            )
        );
    }

    private void Drive(AcceptorInput input)
    {
        var forgetful = _acceptor.State.Forgetful;
        _acceptor.Step(input, _clock.Now, _effects);
        if (forgetful && !_acceptor.State.Forgetful && input is AcceptorInput.Told)
            Announce($"{_self} votes again: the others have told what it may have promised and accepted");
        PerformUntilSaving();
        Timers.Follow(_acceptor.NextDeadline, _clock.Now);
    }

    private void Announce(string what)
    {
        _log.Info("{0}", what);
        Context.System.EventStream.Publish(new Happening("membership", what));
    }

    private void PerformUntilSaving()
    {
        for (var i = 0; i < _effects.Count; i++)
        {
            if (_effects[i] is AcceptorEffect.Persist persist)
            {
                _effects.RemoveRange(0, i + 1);
                Save(persist.State);
                return;
            }

            Perform(_effects[i]);
        }

        _effects.Clear();
    }

    private void Perform(AcceptorEffect effect)
    {
        switch (effect)
        {
            case AcceptorEffect.Answer answer:
                // Not always whoever is heard now: a promise may be renewed when a heartbeat comes.
                if (_askers.TryGetValue(answer.To, out var asker))
                    asker.Tell(new RegisterEnvelope(_self, answer.Message));
                break;
            case AcceptorEffect.Ask ask:
                _directory.Actor(ask.Voter, ActorNames.Acceptor)?.Tell(new RegisterEnvelope(_self, ask.Message));
                break;
            case AcceptorEffect.AnswerClaims answers:
                _votes?.Invoke(answers);
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private void Save(AcceptorState state)
    {
        _saving = LifelineThread.Start("acceptor-save", () => _memory.Save(state), Self);
        Become(Saving);
    }

    private void OnSaved(LifelineThread.Done saved)
    {
        _saving = null;
        switch (saved.Failure)
        {
            case null:
                Become(Voting);
                PerformUntilSaving();
                if (_saving is null)
                    Stash.UnstashAll();
                break;
            case StorageException failed:
                // A voter that cannot remember must not vote. The formation goes on with the others.
                _log.Error("this node votes no more: {0}", failed.Message);
                Context.Stop(Self);
                break;
            case { } unexpected:
                ExceptionDispatchInfo.Throw(unexpected);
                break;
        }
    }
}
