using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>The replica on node a, what happens to it, and what it does.</summary>
public abstract class ReplicaStories
{
    private long _version;

    private protected Instant Now = At(10_000);

    private protected ReplicaOptions Options { get; set; } =
        new()
        {
            Self = ReplicaA,
            Partition = P0,
            ReplicaTimeout = Ms(500),
            ResendAfter = Ms(100),
            SwitchoverTimeout = Ms(5_000),
        };

    private protected Replica Replica { get; private set; } = null!;

    private protected static SessionStamp Session(long request, string client = "x") => new(client, request, 0);

    // ---- given

    /// <summary>A process starts with what its storage had.</summary>
    private protected void GivenStarted(params LogEntry[] stored) =>
        Replica = new Replica(Options, Snapshot.Empty, stored);

    /// <summary>Primary of epoch 1, with its barrier committed everywhere and its lease held for 300 ms.</summary>
    private protected void GivenPrimary(params ReplicaId[] others)
    {
        GivenStarted();
        Step(new ReplicaInput.FormationRead(null, 0));
        Sees(ViewOf(1, ReplicaA, others));
        Persisted(1, 1);
        foreach (var other in others)
            Acks(other, 1);
        Holds(lease: 300);
        Assert.Equal((ReplicaRole.Primary, 1), (Replica.Role, Replica.Commit));
    }

    /// <summary>In sync with b, primary of epoch 1, whose barrier is committed here.</summary>
    private protected void GivenStandby()
    {
        GivenStarted();
        Reads(ViewOf(1, ReplicaB, ReplicaA));
        Receives(B, Replicate(1, Position.Zero, [Barrier(1, 1)], 0));
        Persisted(1, 1);
        Receives(B, Replicate(1, Pos(1, 1), [], 1));
        Assert.Equal((ReplicaRole.Standby, 1), (Replica.Role, Replica.Commit));
    }

    /// <summary>Node a was in sync in epoch 1 with the entries up to 3, of which 2 are known to be committed, and now leads epoch 2 with b.</summary>
    private protected void GivenPromoting()
    {
        GivenStandby();
        Receives(B, Replicate(1, Pos(1, 1), [Put(1, 2), Put(1, 3)], 2));
        Persisted(1, 3);
        Sees(ViewOf(2, ReplicaA, ReplicaC));
        Assert.Equal((ReplicaRole.Promoting, 2), (Replica.Role, Replica.Commit));
    }

    // ---- happens

    private protected ImmutableArray<ReplicaEffect> Reads(View? view) =>
        Step(new ReplicaInput.FormationRead(view, view is null ? 0 : ++_version));

    private protected ImmutableArray<ReplicaEffect> Sees(View view) =>
        Step(new ReplicaInput.ViewCommitted(view, ++_version));

    private protected ImmutableArray<ReplicaEffect> Receives(NodeId from, ReplicaMessage message) =>
        Step(new ReplicaInput.Received(from, message));

    private protected ImmutableArray<ReplicaEffect> Acks(ReplicaId from, long through, long epoch = 1) =>
        Receives(from.Node, new ReplicaMessage.Ack(new(epoch), from, through));

    private protected ImmutableArray<ReplicaEffect> Attaches(
        ReplicaId from,
        Position last,
        params EpochStart[] epochs
    ) => Receives(from.Node, new ReplicaMessage.Attach(Replica.Epoch, from, [.. epochs], last));

    private protected ImmutableArray<ReplicaEffect> Persisted(long epoch, long sequence) =>
        Step(new ReplicaInput.Persisted(Pos(epoch, sequence)));

    private protected ImmutableArray<ReplicaEffect> Writes(
        long token,
        string key = "k",
        SessionStamp? session = null
    ) => Step(new ReplicaInput.Write(new(token), new Command.Put(key, "1"), session));

    private protected ImmutableArray<ReplicaEffect> ReadsKey(long token, string key = "k") =>
        Step(new ReplicaInput.Read(new(token), key));

    private protected ImmutableArray<ReplicaEffect> Flushes() => Step(ReplicaInput.Flush.Instance);

    private protected ImmutableArray<ReplicaEffect> Holds(double? lease) =>
        Step(new ReplicaInput.LeaseChanged(Replica.Epoch, lease is { } ms ? Now + Ms(ms) : null));

    private protected ImmutableArray<ReplicaEffect> Ended(Change change, ProposalOutcome outcome) =>
        Step(new ReplicaInput.ProposalEnded(change, outcome));

    private protected ImmutableArray<ReplicaEffect> SwitchesOver(long token, NodeId? to = null) =>
        Step(new ReplicaInput.Switchover(new(token), to, "an operator asked for it"));

    /// <summary>Time passes, and the deadline that lies in it, if any, is reached.</summary>
    private protected ImmutableArray<ReplicaEffect> After(double milliseconds)
    {
        Now += Ms(milliseconds);
        return Step(ReplicaInput.DeadlineReached.Instance);
    }

    private protected ImmutableArray<ReplicaEffect> Step(ReplicaInput input)
    {
        List<ReplicaEffect> effects = [];
        Replica.Step(input, Now, effects);
        return [.. effects];
    }

    // ---- is done

    private protected static ReplicaEffect ScheduleFlush => ReplicaEffect.ScheduleFlush.Instance;

    private protected static ReplicaEffect Append(params LogEntry[] entries) => new ReplicaEffect.Append([.. entries]);

    private protected static ReplicaEffect Send(NodeId to, ReplicaMessage message) =>
        new ReplicaEffect.Send(to, message);

    private protected static ReplicaEffect Became(ReplicaRole role, long epoch) =>
        new ReplicaEffect.Became(role, new(epoch));

    private protected static ReplicaEffect Noted(string message) => new ReplicaEffect.Noted(message);

    private protected static ReplicaEffect Propose(Change change) => new ReplicaEffect.Propose(change);

    private protected static ReplicaEffect Created(long token, long version, long epoch = 1) =>
        Answer(token, new RequestOutcome.Written(new CommandResult.Stored(version, true), new(epoch)));

    private protected static ReplicaEffect Found(long token, long version) =>
        Answer(token, new RequestOutcome.ReadOne(new StoredValue("1", version)));

    private protected static ReplicaEffect NotFound(long token) => Answer(token, new RequestOutcome.ReadOne(null));

    private protected static ReplicaEffect NotPrimary(long token) => Answer(token, RequestOutcome.NotPrimary.Instance);

    private protected static ReplicaEffect Refused(long token, RefusalKind kind, string reason) =>
        Answer(token, new RequestOutcome.Refused(kind, reason));

    private protected static ReplicaEffect Answer(long token, RequestOutcome outcome) =>
        new ReplicaEffect.Answer(new(token), outcome);

    private protected static ReplicaEffect AckTo(NodeId to, long epoch, long through) =>
        Send(to, new ReplicaMessage.Ack(new(epoch), ReplicaA, through));

    private protected static ReplicaEffect AttachTo(NodeId to, long epoch, Position last, params EpochStart[] epochs) =>
        Send(to, new ReplicaMessage.Attach(new(epoch), ReplicaA, [.. epochs], last));

    private protected static ReplicaMessage Replicate(
        long epoch,
        Position previous,
        LogEntry[] entries,
        long commit,
        bool confirm = false
    ) => new ReplicaMessage.Replicate(new(epoch), previous, [.. entries], commit, confirm);

    /// <summary>News of what is committed, behind everything the receiver has.</summary>
    private protected static ReplicaMessage News(long epoch, Position previous, long commit) =>
        Replicate(epoch, previous, [], commit);

    private protected static LogEntry Barrier(long epoch, long sequence) =>
        new(Pos(epoch, sequence), Command.Barrier.Instance);

    private protected static LogEntry Put(long epoch, long sequence, string key = "k", SessionStamp? session = null) =>
        new(Pos(epoch, sequence), new Command.Put(key, "1"), session);

    private protected static EpochStart Starts(long epoch, long first) => new(new(epoch), first);

    private protected static Change.AddInSync Add(ReplicaId replica, long epoch = 1) => new(P0, new(epoch), replica);

    private protected static Change.RemoveInSync Remove(ReplicaId replica, string reason, long epoch = 1) =>
        new(P0, new(epoch), replica, reason);

    /// <summary>The outcome of a proposal that is committed, where it does not matter which state it made.</summary>
    private protected static ProposalOutcome Done => new ProposalOutcome.Done(null);

    /// <summary>The outcome of a proposal whose commit made this the newest view.</summary>
    private protected ProposalOutcome DoneWith(View view) => new ProposalOutcome.Done(State(++_version, view));
}
