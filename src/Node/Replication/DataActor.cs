using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Storage;

namespace Failover.Node.Replication;

/// <summary>
/// Runs one <see cref="Replica"/>: requests, other replicas' messages, the storage's answers and views in; log writes,
/// messages and answers out.
/// </summary>
internal sealed class DataActor : ReceiveActor
{
    /// <summary>No disk that is well takes this long for one group.</summary>
    private static readonly TimeSpan DiskHangsAfter = TimeSpan.FromSeconds(2);

    private readonly DataSetup _setup;
    private readonly Replica _replica;
    private readonly ReplicaStore? _store;
    private readonly List<ReplicaEffect> _effects = [];
    private readonly Dictionary<RequestToken, Asker> _askers = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef _self = ActorRefs.Nobody;
    private WakeUp? _wakeUp;
    private LeaseBoard.Lease? _lease;
    private bool _released;
    private bool _checkpointing;
    private long _checkpointAt;
    private long _tokens;

    public DataActor(DataSetup setup, ReplicaStore? store, Recovered recovered)
    {
        _setup = setup;
        _store = store;
        _checkpointAt = setup.SnapshotAfter;
        _replica = new Replica(setup.Options, recovered.Snapshot, recovered.Entries);

        // The hot path first: the types are tried in this order.
        Receive<ReplicaEnvelope>(m => Drive(new ReplicaInput.Received(m.From, m.Message)));
        Receive<Request.Write>(m => Drive(new ReplicaInput.Write(TokenFor(m), m.Command, m.Session)));
        Receive<ReplicaInput>(Drive);
        Receive<Request.Read>(m => Drive(new ReplicaInput.Read(TokenFor(m), m.Key)));
        Receive<Request.Peek>(m => Sender.Tell(new Answer(m.Id, new RequestOutcome.ReadOne(_replica.Find(m.Key)))));
        Receive<Request.ReadMap>(m => Drive(new ReplicaInput.ReadAll(TokenFor(m))));
        Receive<Request.CopyMap>(m => SendMap(Sender, m.Id, _replica.Committed));
        Receive<Request.Switchover>(m => Drive(Asked(m)));
        Receive<StateLearned>(m => OnState(m.State));
        Receive<FormationRead>(m => OnFormationRead(m.State));
        Receive<ChangeEnded>(m => Drive(new ReplicaInput.ProposalEnded(m.Change, m.Outcome)));
        Receive<LeaseRenewed>(_ => Drive(null));
        Receive<Deadline>(_ => OnDeadline());
        Receive<CheckpointEnded>(OnCheckpointEnded);
    }

    private readonly record struct Asker(IActorRef Actor, long Id, Instant Since);

    private sealed record Deadline
    {
        public static readonly Deadline Instance = new();
    }

    private sealed record CheckpointEnded(Exception? Failure);

    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    protected override void PreStart()
    {
        _self = Self;
        Post();
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
        _setup.Register.Tell(ReadFormation.Instance);
        _wakeUp = new WakeUp(Context.System.Scheduler, _setup.Clock, _self, Deadline.Instance);
        Rearm();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _wakeUp?.At(null);
        // Whatever ended this actor: nobody may go on renewing the lease of a replica that is not there any more.
        _setup.Board.Post(
            Line() with
            {
                Role = ReplicaRole.Failed,
                Trouble = _replica.Trouble ?? "its actor has ended",
            }
        );
        _setup.Heartbeat.Tell(
            new HeartbeatActor.RoleChanged(_setup.Options.Partition, ReplicaRole.Failed, _replica.Epoch, _released)
        );
        _store?.Dispose();
    }

    private RequestToken TokenFor(Request request)
    {
        var token = new RequestToken(++_tokens);
        var now = _setup.Clock.Now;
        _askers.Add(token, new Asker(Sender, request.Id, now));
        if (_setup.Board.Asked(now))
            _setup.Heartbeat.Tell(HeartbeatActor.Beat.Instance);
        return token;
    }

    private ReplicaInput.Switchover Asked(Request.Switchover switchover) =>
        new(TokenFor(switchover), switchover.To, switchover.Reason)
        {
            Evidence = switchover.Evidence,
            IsAutomatic = switchover.IsAutomatic,
        };

    private void OnFormationRead(FormationState? state)
    {
        var view = state?.ViewOf(_setup.Options.Partition);
        Drive(new ReplicaInput.FormationRead(view, state?.Version ?? 0));
    }

    private void OnState(FormationState state)
    {
        if (state.ViewOf(_setup.Options.Partition) is { } view)
            Drive(new ReplicaInput.ViewCommitted(view, state.Version));
    }

    private void OnDeadline()
    {
        Drive(ReplicaInput.DeadlineReached.Instance);
        _setup.Metrics.Store(_setup.Options.Partition, _replica.Count, _replica.Bytes);
    }

    /// <param name="input">Null: there is nothing but news of the lease.</param>
    private void Drive(ReplicaInput? input)
    {
        try
        {
            StepAndPerform(input);
        }
        catch (Exception broken)
        {
            GiveUp(broken);
        }

        Rearm();
        Post();
    }

    private void StepAndPerform(ReplicaInput? input)
    {
        TakeLease();
        if (input is not null)
            Step(input);
        // Nobody is told of each renewal: one that came since this step began would not be told of either.
        while (_replica.WaitsForLease && !_setup.Board.Leases.Await(_setup.Options.Partition, _lease!))
            TakeLease();
        TakeCheckpoint();
    }

    /// <summary>What follows must not rely on a lease that was lost meanwhile.</summary>
    private void TakeLease()
    {
        var lease = _setup.Board.Leases.Of(_setup.Options.Partition);
        if (ReferenceEquals(lease, _lease))
            return;
        _lease = lease;
        Step(new ReplicaInput.LeaseChanged(lease.Epoch, lease.HeldUntil));
    }

    private void Step(ReplicaInput input)
    {
        _replica.Step(input, _setup.Clock.Now, _effects);
        foreach (var effect in _effects)
            Perform(effect);
        _effects.Clear();
    }

    /// <summary>
    /// What must not happen has happened: the replica serves no more rather than guess, and its node goes on telling
    /// why. It is never restarted in place, because what it holds may be what broke it.
    /// </summary>
    private void GiveUp(Exception broken)
    {
        _log.Error(broken, "the replica of partition {0} gives up: {1}", _setup.Options.Partition, broken.Message);
        _effects.Clear();
        StepAndPerform(new ReplicaInput.StorageFailed(broken.Message));
    }

    private void Perform(ReplicaEffect effect)
    {
        switch (effect)
        {
            case ReplicaEffect.Send send:
                Peer(send.To)
                    ?.Tell(new ReplicaEnvelope(_setup.Options.Partition, _setup.Options.Self.Node, send.Message));
                break;
            case ReplicaEffect.Append append:
                _setup.Metrics.Batch(append.Entries.Length);
                _store!.Append(append.Entries);
                break;
            case ReplicaEffect.Answer answer:
                Answer(answer.Token, answer.Outcome);
                break;
            case ReplicaEffect.ScheduleFlush:
                _self.Tell(ReplicaInput.Flush.Instance);
                break;
            case ReplicaEffect.TruncateAfter truncate:
                _store!.TruncateAfter(truncate.Sequence);
                break;
            case ReplicaEffect.Install install:
                _store!.Install(install.Snapshot);
                break;
            case ReplicaEffect.Propose propose:
                _setup.Register.Tell(new ProposeChange(propose.Change, _setup.Patience));
                break;
            case ReplicaEffect.Became became:
                OnBecame(became);
                break;
            case ReplicaEffect.ReleaseLease release:
                _released = true;
                TellHeartbeat(_replica.Role, release.Epoch);
                break;
            case ReplicaEffect.Serving serving:
                Announce(
                    $"serves partition {_setup.Options.Partition} as primary of epoch {serving.Epoch}, {serving.SincePromotion.TotalMilliseconds:0.0} ms after it learned of its promotion"
                );
                break;
            case ReplicaEffect.Lost lost:
                _setup.Metrics.Lost(lost.Entries);
                break;
            case ReplicaEffect.Noted noted:
                _log.Warning("{0}", noted.Message);
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private IActorRef? Peer(NodeId node) => _setup.Directory.Actor(node, ActorNames.Data(_setup.Options.Partition));

    private void OnBecame(ReplicaEffect.Became became)
    {
        _released = false;
        TellHeartbeat(became.Role, became.Epoch);
        Announce($"{Doing(became.Role)} partition {_setup.Options.Partition} in epoch {became.Epoch}");
    }

    private static string Doing(ReplicaRole role) =>
        role switch
        {
            ReplicaRole.Starting => "starts",
            ReplicaRole.Candidate => "waits to be promoted anew in",
            ReplicaRole.Joining => "joins",
            ReplicaRole.Standby => "is standby of",
            ReplicaRole.Promoting => "is promoted to primary of",
            ReplicaRole.Primary => "is primary of",
            ReplicaRole.Draining => "hands over",
            ReplicaRole.Failed => "gives up",
            _ => throw new System.Diagnostics.UnreachableException($"Unhandled role: {role}"),
        };

    /// <param name="role">Not the newest one: several roles may follow each other in one step, and the lease begins with the first.</param>
    private void TellHeartbeat(ReplicaRole role, Epoch epoch)
    {
        Post();
        _setup.Heartbeat.Tell(new HeartbeatActor.RoleChanged(_setup.Options.Partition, role, epoch, _released));
    }

    private void Announce(string what)
    {
        var message = $"{_setup.Options.Self.Node} {what}";
        _log.Info("{0}", message);
        Context.System.EventStream.Publish(new Happening("role", message));
    }

    private void Answer(RequestToken token, RequestOutcome outcome)
    {
        if (!_askers.Remove(token, out var asker))
            return;
        Measure(outcome, _setup.Clock.Now - asker.Since);
        if (outcome is RequestOutcome.ReadMany all)
            SendMap(asker.Actor, asker.Id, all.Entries);
        else
            asker.Actor.Tell(new Answer(asker.Id, outcome));
    }

    private void Measure(RequestOutcome outcome, TimeSpan time)
    {
        switch (outcome)
        {
            case RequestOutcome.Written { Result: Core.Store.CommandResult.VersionMismatch }:
                _setup.Metrics.Write(time, "conflict");
                break;
            case RequestOutcome.Written:
                _setup.Metrics.Write(time, "ok");
                _setup.Metrics.Processed();
                break;
            case RequestOutcome.ReadOne or RequestOutcome.ReadMany:
                _setup.Metrics.Read(time, "linearizable");
                break;
            case RequestOutcome.Refused:
                _setup.Metrics.Write(time, "refused");
                break;
        }
    }

    private static void SendMap(IActorRef receiver, long id, ImmutableDictionary<string, Core.Store.StoredValue> map) =>
        Context.ActorOf(MapSender.Props(receiver, id, map)).Tell(new MoreOfMap(id));

    private void Post() => _setup.Board.Post(Line());

    /// <summary>A replica whose disk hangs does nothing that counts, however busy its actor is.</summary>
    private StatusBoard.Line Line()
    {
        var disk = _store?.SyncingFor ?? TimeSpan.Zero;
        var hangs = disk >= DiskHangsAfter;
        return new StatusBoard.Line(
            _setup.Options.Partition,
            _setup.Options.Self,
            _replica.Role,
            _replica.Epoch,
            _replica.Last,
            _replica.Commit,
            _released,
            _replica.Trouble ?? (hangs ? "its disk does not answer" : null),
            hangs ? _setup.Clock.Now - disk : _setup.Clock.Now,
            _replica.Count
        );
    }

    /// <summary>Also a replica that waits for nothing shows now and then that it could do something.</summary>
    private void Rearm()
    {
        var signOfLife = _setup.Clock.Now + _setup.SignOfLifeEvery;
        _wakeUp?.At(Instant.Earliest(_replica.NextDeadline, signOfLife));
    }

    private void TakeCheckpoint()
    {
        if (_store is null || _checkpointing || _store.LogBytesSinceSnapshot < _checkpointAt)
            return;
        _checkpointing = true;
        _store
            .Checkpoint(_replica.TakeSnapshot())
            .PipeTo(_self, success: _ => new CheckpointEnded(null), failure: e => new CheckpointEnded(e));
    }

    private void OnCheckpointEnded(CheckpointEnded ended)
    {
        _checkpointing = false;
        _checkpointAt = _setup.SnapshotAfter;
        if (ended.Failure is not { } failure)
            return;
        // The log goes on without it, only longer: try again when it has grown by as much once more.
        _checkpointAt = _store!.LogBytesSinceSnapshot + _setup.SnapshotAfter;
        _log.Warning("no snapshot of partition {0} could be written: {1}", _setup.Options.Partition, failure.Message);
    }
}

/// <summary>What a replica's actor needs of its node.</summary>
/// <param name="Patience">How long one proposal may take.</param>
/// <param name="SnapshotAfter">Bytes of log after which a snapshot is written.</param>
internal sealed record DataSetup(
    ReplicaOptions Options,
    PeerDirectory Directory,
    MonotonicClock Clock,
    StatusBoard Board,
    IActorRef Register,
    IActorRef Heartbeat,
    FailoverMetrics Metrics,
    TimeSpan Patience,
    long SnapshotAfter
)
{
    /// <summary>How often a replica that has nothing to do shows that it could; whatever it does shows it as well.</summary>
    public TimeSpan SignOfLifeEvery { get; init; } = TimeSpan.FromMilliseconds(250);
}
