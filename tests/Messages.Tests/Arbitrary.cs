using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using FsCheck;
using FsCheck.Fluent;

namespace Failover.Messages.Tests;

/// <summary>Any value that nodes may say to each other.</summary>
internal static class Arbitrary
{
    /// <summary>Text as it comes in over HTTP: any valid Unicode, the empty one among it.</summary>
    public static readonly Gen<string> Text = Gen.Elements(
            "a",
            "z",
            "0",
            " ",
            "\"",
            "\\",
            "\0",
            "é",
            "中",
            "😀",
            "\ufffd"
        )
        .ListOf()
        .Select(string.Concat);

    public static readonly Gen<long> Number = Gen.OneOf(
        Gen.Choose(0, 1_000).Select(n => (long)n),
        Gen.Elements(0, long.MaxValue, long.MinValue, -1, int.MaxValue + 1L)
    );

    public static readonly Gen<NodeId> Node = Gen.Elements("a", "b", "app-1", "monitor.1").Select(n => new NodeId(n));

    public static readonly Gen<PartitionId> Partition = Gen.Choose(0, 1_023).Select(n => new PartitionId(n));

    private static readonly Gen<bool> Bool = Gen.Elements(true, false);

    private static readonly Gen<Guid> Guids = ArbMap.Default.GeneratorFor<Guid>();

    private static readonly Gen<Epoch> AnyEpoch = Number.Select(n => new Epoch(n));

    private static readonly Gen<TimeSpan> Duration = Number.Select(n => new TimeSpan(n));

    private static readonly Gen<ReplicaId> Replica =
        from node in Node
        from data in Guids
        select new ReplicaId(node, new DataId(data));

    private static readonly Gen<Position> AnyPosition =
        from epoch in AnyEpoch
        from sequence in Number
        select new Position(epoch, sequence);

    private static readonly Gen<EpochStart> AnyEpochStart =
        from epoch in AnyEpoch
        from first in Number
        select new EpochStart(epoch, first);

    private static readonly Gen<SessionStamp> Stamp =
        from client in Text
        from request in Number
        from completed in Number
        from since in Maybe(AnyPosition)
        select new SessionStamp(client, request, completed, since);

    public static readonly Gen<Command> AnyCommand = Gen.OneOf<Command>(
        from key in Text
        from value in Text
        from version in Maybe(Number)
        select (Command)new Command.Put(key, value, version),
        from key in Text
        from version in Maybe(Number)
        select (Command)new Command.Delete(key, version),
        from entries in Many(Pair(Text, Text))
        select (Command)new Command.Update(entries),
        Gen.Constant<Command>(Command.Barrier.Instance)
    );

    private static readonly Gen<CommandResult> Result = Gen.OneOf<CommandResult>(
        Gen.Elements<CommandResult>(
            CommandResult.None.Instance,
            CommandResult.Deleted.Instance,
            CommandResult.NotFound.Instance,
            CommandResult.SessionExpired.Instance
        ),
        from version in Number
        from created in Bool
        select (CommandResult)new CommandResult.Stored(version, created),
        from version in Number
        from count in Gen.Choose(0, 1_000)
        select (CommandResult)new CommandResult.Updated(version, count),
        Number.Select(actual => (CommandResult)new CommandResult.VersionMismatch(actual))
    );

    private static readonly Gen<LogEntry> Entry =
        from at in AnyPosition
        from command in AnyCommand
        from stamp in MaybeNull(Stamp)
        select new LogEntry(at, command, stamp);

    private static readonly Gen<KeyValuePair<string, StoredValue>> Stored = Pair(
        Text,
        from json in Text
        from version in Number
        select new StoredValue(json, version)
    );

    private static readonly Gen<SessionRecord> Session =
        from client in Text
        from completed in Number
        from used in AnyPosition
        from answers in Many(Pair(Number, Result))
        from floor in AnyPosition
        select new SessionRecord(client, completed, used, answers, floor);

    public static readonly Gen<ReplicaMessage> ToReplica = Gen.OneOf<ReplicaMessage>(
        from epoch in AnyEpoch
        from previous in AnyPosition
        from entries in Many(Entry)
        from commit in Number
        from confirm in Bool
        select (ReplicaMessage)new ReplicaMessage.Replicate(epoch, previous, entries, commit, confirm),
        from epoch in AnyEpoch
        from sender in Replica
        from through in Number
        select (ReplicaMessage)new ReplicaMessage.Ack(epoch, sender, through),
        from epoch in AnyEpoch
        from sender in Replica
        from epochs in Many(AnyEpochStart)
        from last in AnyPosition
        select (ReplicaMessage)new ReplicaMessage.Attach(epoch, sender, epochs, last),
        from epoch in AnyEpoch
        from sender in Replica
        select (ReplicaMessage)new ReplicaMessage.Fenced(epoch, sender),
        from epoch in AnyEpoch
        from at in AnyPosition
        from index in Gen.Choose(0, 100)
        from final in Bool
        from entries in Many(Stored)
        from epochs in Many(AnyEpochStart)
        from sessions in Many(Session)
        select (ReplicaMessage)new ReplicaMessage.SnapshotPart(epoch, at, index, final, entries, epochs, sessions),
        from epoch in AnyEpoch
        from sender in Replica
        from at in AnyPosition
        from index in Gen.Choose(0, 100)
        select (ReplicaMessage)new ReplicaMessage.SnapshotAck(epoch, sender, at, index)
    );

    private static readonly Gen<View> AnyView =
        from epoch in AnyEpoch
        from primary in Replica
        from inSync in Many(Replica)
        select new View(epoch, primary, inSync);

    private static readonly Gen<PhaseTimes> Phases =
        from detected in Gen.Choose(0, 1_000_000)
        from decided in Gen.Choose(0, 1_000_000)
        from promoted in Gen.Choose(0, 1_000_000)
        from drained in Maybe(Gen.Choose(0, 1_000_000))
        select new PhaseTimes(detected / 7.0, decided / 7.0, promoted / 7.0) { Drained = drained / 7.0 };

    private static readonly Gen<HistoryEvent> Happened =
        from version in Number
        from at in Number
        from decider in Node
        from kind in Gen.Elements(Enum.GetValues<DecisionKind>())
        from partition in Maybe(Partition)
        from epoch in AnyEpoch
        from nodes in Gen.Two(Maybe(Node))
        from reason in Text
        from evidence in Many(Text)
        from phases in MaybeNull(Phases)
        select new HistoryEvent(
            version,
            new WallTime(at),
            decider,
            kind,
            partition,
            epoch,
            nodes.Item1,
            nodes.Item2,
            reason,
            evidence,
            phases
        );

    public static readonly Gen<FormationState> State =
        from formation in Guids
        from version in Number
        from voters in Many(Node)
        from views in Many(Pair(Partition, AnyView))
        from paused in Bool
        from maintenance in Many(Node)
        from history in Many(Happened)
        from former in Many(Node)
        from since in Number
        from need in Number
        select new FormationState(
            new FormationId(formation),
            version,
            voters,
            views.DistinctBy(v => v.Key).ToImmutableSortedDictionary(),
            paused,
            [.. maintenance],
            history
        )
        {
            Former = former,
            VotersSince = since,
            LeasesNeed = need,
        };

    private static readonly Gen<Ballot> AnyBallot =
        from round in Gen.Choose(1, 1_000_000)
        from node in Node
        from incarnation in Number
        select new Ballot(round, node, new Incarnation(incarnation));

    /// <summary>No ballot at all is a value, too: it is what an acceptor promises that was never asked.</summary>
    private static readonly Gen<Ballot> BallotOrNone = Gen.OneOf(AnyBallot, Gen.Constant(Ballot.None));

    private static readonly Gen<HeldLease> Held =
        from partition in Partition
        from epoch in AnyEpoch
        from holder in Node
        from remaining in Duration
        select new HeldLease(partition, epoch, holder, remaining);

    public static readonly Gen<RegisterMessage> ToRegister = Gen.OneOf<RegisterMessage>(
        AnyBallot.Select(b => (RegisterMessage)new RegisterMessage.Prepare(b)),
        from ballot in AnyBallot
        from accepted in BallotOrNone
        from state in MaybeNull(State)
        from leases in Many(Held)
        from forgetful in Bool
        select (RegisterMessage)new RegisterMessage.Promise(ballot, accepted, state, leases) { Forgetful = forgetful },
        from ballot in AnyBallot
        from state in MaybeNull(State)
        select (RegisterMessage)new RegisterMessage.Accept(ballot, state),
        AnyBallot.Select(b => (RegisterMessage)new RegisterMessage.Accepted(b)),
        from ballot in AnyBallot
        from promised in BallotOrNone
        select (RegisterMessage)new RegisterMessage.Conflict(ballot, promised),
        from ballot in AnyBallot
        from retry in Duration
        from holder in Node
        select (RegisterMessage)new RegisterMessage.Leased(ballot, retry, holder)
    );

    public static readonly Gen<AcceptorState> Memory =
        from promised in BallotOrNone
        from accepted in BallotOrNone
        from state in MaybeNull(State)
        from forgetful in Bool
        select new AcceptorState(promised, accepted, state) { Forgetful = forgetful };

    private static readonly Gen<NodeInfo> Info =
        from node in Node
        from incarnation in Number
        from roles in Many(Gen.Elements(NodeInfo.DataRole, NodeInfo.MonitorRole))
        from texts in Gen.Four(Text)
        from port in Gen.Choose(0, 65_535)
        from pbm in Text
        from uid in Gen.Elements(0, 1, -1, int.MinValue, int.MaxValue)
        select new NodeInfo(
            node,
            new Incarnation(incarnation),
            roles,
            texts.Item1,
            texts.Item2,
            texts.Item3,
            port,
            texts.Item4
        )
        {
            Pbm = pbm,
            Uid = uid,
        };

    private static readonly Gen<Request> AnyRequest = Gen.OneOf<Request>(
        from id in Number
        from partition in Partition
        from command in AnyCommand
        from stamp in MaybeNull(Stamp)
        select (Request)new Request.Write(id, partition, command, stamp),
        OfKey((id, partition, key) => new Request.Read(id, partition, key)),
        OfKey((id, partition, key) => new Request.Peek(id, partition, key)),
        OfKey((id, partition, _) => new Request.ReadMap(id, partition)),
        OfKey((id, partition, _) => new Request.CopyMap(id, partition)),
        from to in Maybe(Node)
        from automatic in Bool
        from request in OfKey(
            (id, partition, reason) =>
                new Request.Switchover(id, partition, to, reason)
                {
                    IsAutomatic = automatic,
                    Evidence = automatic ? [reason, "exit 1"] : [],
                }
        )
        select request
    );

    private static readonly Gen<RequestOutcome> Outcome = Gen.OneOf<RequestOutcome>(
        Gen.Constant<RequestOutcome>(RequestOutcome.NotPrimary.Instance),
        from result in Result
        from epoch in AnyEpoch
        select (RequestOutcome)new RequestOutcome.Written(result, epoch),
        Maybe(Stored.Select(s => s.Value)).Select(v => (RequestOutcome)new RequestOutcome.ReadOne(v)),
        from epoch in AnyEpoch
        from primary in Node
        select (RequestOutcome)new RequestOutcome.SwitchedOver(epoch, primary),
        from kind in Gen.Elements(Enum.GetValues<RefusalKind>())
        from reason in Text
        select (RequestOutcome)new RequestOutcome.Refused(kind, reason)
    );

    public static readonly Gen<IWireMessage> Message = Gen.OneOf<IWireMessage>(
        from partition in Partition
        from node in Node
        from message in ToReplica
        select (IWireMessage)new ReplicaEnvelope(partition, node, message),
        from node in Node
        from message in ToRegister
        select (IWireMessage)new RegisterEnvelope(node, message),
        State.Select(s => (IWireMessage)new StateCommitted(s)),
        Node.Select(n => (IWireMessage)new StateWanted(n)),
        from info in Info
        from wanted in Bool
        select (IWireMessage)new Introduction(info, wanted),
        AnyRequest.Select(r => (IWireMessage)r),
        from id in Number
        from outcome in Outcome
        select (IWireMessage)new Answer(id, outcome),
        from id in Number
        from entries in Many(Stored)
        from final in Bool
        select (IWireMessage)new MapPart(id, entries, final),
        Number.Select(id => (IWireMessage)new MoreOfMap(id)),
        from node in Node
        from epoch in Number
        select (IWireMessage)new StepAside(node, new Epoch(epoch)),
        from node in Node
        from epoch in Number
        select (IWireMessage)new SteppedAside(node, new Epoch(epoch))
    );

    private static readonly Gen<ReplicaReport> Report =
        from partition in Partition
        from replica in Replica
        from role in Gen.Elements(Enum.GetValues<ReplicaRole>())
        from epoch in AnyEpoch
        from last in AnyPosition
        from commit in Number
        from released in Bool
        from idle in Duration
        from trouble in MaybeNull(Text)
        select new ReplicaReport(partition, replica, role, epoch, last, commit, released, idle, trouble);

    private static readonly Gen<NodeReport> OfNode =
        from node in Node
        from incarnation in Number
        from formation in Maybe(Guids)
        from version in Number
        from monitoring in Bool
        from replicas in Many(Report)
        select new NodeReport(
            node,
            new Incarnation(incarnation),
            formation is { } id ? new FormationId(id) : null,
            version,
            monitoring,
            replicas
        );

    private static readonly Gen<TimeSpan?> NextWithin = Maybe(Gen.Choose(1, int.MaxValue).Select(t => new TimeSpan(t)));

    public static readonly Gen<ProbeFrame> Frame = Gen.OneOf<ProbeFrame>(
        from report in OfNode
        from sent in Duration
        from next in NextWithin
        select (ProbeFrame)new ProbeFrame.Heartbeat(report, new Instant(sent), next),
        from voter in Node
        from sent in Duration
        from answers in Many(
            from partition in Partition
            from epoch in AnyEpoch
            from granted in Bool
            select new LeaseAnswer(partition, epoch, granted)
        )
        from report in MaybeNull(OfNode)
        from next in NextWithin
        select (ProbeFrame)new ProbeFrame.HeartbeatAck(voter, new Instant(sent), answers, report, next)
    );

    private static Gen<Request> OfKey(Func<long, PartitionId, string, Request> make) =>
        from id in Number
        from partition in Partition
        from text in Text
        select make(id, partition, text);

    private static Gen<ImmutableArray<T>> Many<T>(Gen<T> one) =>
        Gen.Resize(one, 4).ListOf().Resize(4).Select(items => items.ToImmutableArray());

    private static Gen<KeyValuePair<TKey, TValue>> Pair<TKey, TValue>(Gen<TKey> keys, Gen<TValue> values) =>
        from key in keys
        from value in values
        select KeyValuePair.Create(key, value);

    private static Gen<T?> Maybe<T>(Gen<T> value)
        where T : struct => Gen.OneOf(Gen.Constant<T?>(null), value.Select(v => (T?)v));

    private static Gen<T?> MaybeNull<T>(Gen<T> value)
        where T : class => Gen.OneOf(Gen.Constant<T?>(null), value.Select(v => (T?)v));
}
