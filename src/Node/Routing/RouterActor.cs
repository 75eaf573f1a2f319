using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Membership;

namespace Failover.Node.Routing;

/// <summary>
/// Brings every request to the primary, wherever it is, and holds it while there is none. A write keeps its session
/// through every attempt, so being sent twice does no harm.
/// </summary>
internal sealed class RouterActor : ReceiveActor, IWithTimers
{
    /// <summary>How often all requests are looked through.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How soon a request is sent again that a primary-to-be was not ready for: the view that makes it one is on its way
    /// to it, most likely. Twice as long each time, so that a node without a primary is not asked without pause.
    /// </summary>
    private static readonly TimeSpan LookSoonIn = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookLaterIn = TimeSpan.FromMilliseconds(16);

    /// <summary>After how long an unanswered request is sent again: it or its answer may have been lost.</summary>
    private static readonly TimeSpan SendAgainAfter = TimeSpan.FromSeconds(1);

    private readonly string _client;
    private readonly PeerDirectory _directory;
    private readonly MonotonicClock _clock;
    private readonly Func<PartitionId, Position?> _reached;
    private readonly Dictionary<long, Pending> _pending = [];
    private readonly Queue<long> _oldestWrites = new();
    private FormationState? _state;
    private TimeSpan _lookIn = LookSoonIn;
    private long _ids;

    /// <param name="self">This node.</param>
    /// <param name="incarnation">The run of its process: sessions of another one are another's.</param>
    /// <param name="directory">Where the others are.</param>
    /// <param name="clock">The node's.</param>
    /// <param name="reached">How far a partition's log is known to have come; null if nothing was heard of it.</param>
    public RouterActor(
        NodeId self,
        Incarnation incarnation,
        PeerDirectory directory,
        MonotonicClock clock,
        Func<PartitionId, Position?> reached
    )
    {
        // '@' keeps apart from clients that name themselves.
        _client = $"@{self}-{incarnation}";
        _directory = directory;
        _clock = clock;
        _reached = reached;

        Receive<Answer>(OnAnswer);
        Receive<Submit>(OnSubmit);
        Receive<MapPart>(OnMapPart);
        Receive<StateLearned>(m => OnState(m.State));
        Receive<FormationRead>(m => OnFormationRead(m.State));
        Receive<Look>(_ => OnLook());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A request that came in on this node.</summary>
    /// <param name="Make">Builds the request for the id it gets.</param>
    /// <param name="Stamp">The client's own session; null lets the router make one.</param>
    /// <param name="Node">The one node to ask; null: the primary.</param>
    /// <param name="Timeout">How long it may be held.</param>
    internal sealed record Submit(
        PartitionId Partition,
        Func<long, SessionStamp?, Request> Make,
        SessionStamp? Stamp,
        bool IsWrite,
        NodeId? Node,
        TimeSpan Timeout,
        Completion Completion
    );

    /// <summary>Where the answer goes. Completed exactly once, never on the router's own thread.</summary>
    internal sealed class Completion
    {
        private readonly TaskCompletionSource<RoutedAnswer> _source = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task<RoutedAnswer> Task => _source.Task;

        public void Set(RoutedAnswer answer) => _source.TrySetResult(answer);
    }

    private sealed class Pending(Submit submit, Instant deadline)
    {
        public Submit Submit => submit;
        public Instant Deadline => deadline;
        public required Request Request { get; set; }

        /// <summary>The session of a write.</summary>
        public SessionStamp? Stamp { get; init; }

        /// <summary>The epoch whose primary was asked; default while nobody is.</summary>
        public Epoch AskedIn { get; set; }
        public Instant AskedAt { get; set; }
        public bool Waits { get; set; } = true;
        public bool Sent { get; set; }

        /// <summary>Who was asked last.</summary>
        public NodeId Asked { get; set; }
        public ImmutableDictionary<string, StoredValue>.Builder? Map { get; set; }
    }

    private sealed record Look
    {
        public static readonly Look Instance = new();
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var pending in _pending.Values)
            pending.Submit.Completion.Set(new RoutedAnswer.TimedOut("this node is stopping"));
    }

    private void OnSubmit(Submit submit)
    {
        var id = ++_ids;
        var stamp = submit.Stamp;
        if (submit.IsWrite && stamp is null)
        {
            _oldestWrites.Enqueue(id);
            stamp = new SessionStamp(_client, id, OldestWrite());
        }

        var pending = new Pending(submit, _clock.Now + submit.Timeout)
        {
            Request = submit.Make(id, stamp),
            Stamp = stamp,
        };
        _pending.Add(id, pending);
        // It runs while there is something to look at, and looks in vain once: a node that nobody asks is not woken.
        if (!Timers.IsTimerActive(nameof(Look)))
            Timers.StartPeriodicTimer(nameof(Look), Look.Instance, LookEvery);
        Send(pending);
    }

    /// <summary>No request of this router below this one waits any more: its answers need not be kept.</summary>
    private long OldestWrite()
    {
        while (!_pending.ContainsKey(_oldestWrites.Peek()) && _oldestWrites.Count > 1)
            _oldestWrites.Dequeue();
        return _oldestWrites.Peek();
    }

    private void Send(Pending pending)
    {
        pending.Waits = true;
        var submit = pending.Submit;
        var view = _state?.ViewOf(submit.Partition);
        if ((submit.Node ?? view?.Primary.Node) is not { } node)
            return;
        if (_directory.Actor(node, ActorNames.Data(submit.Partition)) is not { } replica)
            return;
        if (pending.Sent)
            Renumber(pending);
        else if (!SaysSince(pending))
            return;
        pending.Sent = true;
        pending.Asked = node;
        pending.Waits = false;
        pending.AskedIn = view?.Epoch ?? default;
        pending.AskedAt = _clock.Now;
        replica.Tell(pending.Request);
    }

    /// <summary>
    /// A write carries how far the log had come before it was sent for the first time. A node that has just started waits for
    /// the first word of that: with nothing to say, it would be taken for the retry of a request that is forgotten.
    /// </summary>
    /// <returns>False while it is better to wait.</returns>
    private bool SaysSince(Pending pending)
    {
        if (pending.Stamp is not { Since: null } stamp)
            return true;
        var reached = _reached(pending.Submit.Partition);
        if (reached is null && _clock.Now < pending.Deadline - pending.Submit.Timeout + SendAgainAfter)
            return false;
        var id = pending.Request.Id;
        pending.Request = pending.Submit.Make(id, stamp with { Since = reached ?? Position.Zero });
        return true;
    }

    /// <summary>
    /// A map is asked for anew under a number of its own: parts for an earlier attempt may still be under way, and are
    /// of another instant.
    /// </summary>
    private void Renumber(Pending pending)
    {
        if (pending.Request is not (Request.ReadMap or Request.CopyMap))
            return;
        _pending.Remove(pending.Request.Id);
        pending.Request = pending.Request with { Id = ++_ids };
        pending.Map = null;
        _pending.Add(pending.Request.Id, pending);
    }

    private void OnAnswer(Answer answer)
    {
        if (!_pending.TryGetValue(answer.Id, out var pending))
            return;
        // Held until the view changes or the next look: whoever was asked does not lead, or not yet.
        if (answer.Outcome is RequestOutcome.NotPrimary)
        {
            pending.Waits = true;
            if (!Timers.IsTimerActive(nameof(LookSoonIn)))
            {
                Timers.StartSingleTimer(nameof(LookSoonIn), Look.Instance, _lookIn);
                _lookIn = _lookIn * 2 < LookLaterIn ? _lookIn * 2 : LookLaterIn;
            }
        }
        else
        {
            Complete(answer.Id, pending, new RoutedAnswer.Outcome(answer.Outcome));
        }
    }

    private void OnMapPart(MapPart part)
    {
        if (!_pending.TryGetValue(part.Id, out var pending))
            return;
        pending.Map ??= ReplicatedMap.Empty.ToBuilder();
        pending.Map.AddRange(part.Entries);
        pending.AskedAt = _clock.Now;
        if (part.Final)
            Complete(
                part.Id,
                pending,
                new RoutedAnswer.Outcome(new RequestOutcome.ReadMany(pending.Map.ToImmutable()))
            );
        else
            Sender.Tell(new MoreOfMap(part.Id));
    }

    private void Complete(long id, Pending pending, RoutedAnswer answer)
    {
        _pending.Remove(id);
        pending.Submit.Completion.Set(answer);
    }

    private void OnFormationRead(FormationState? state)
    {
        if (state is not null)
            OnState(state);
    }

    private void OnState(FormationState state)
    {
        if (_state is { } known && known.Version >= state.Version)
            return;
        _state = state;
        _lookIn = LookSoonIn;
        Timers.Cancel(nameof(LookSoonIn));
        foreach (var pending in _pending.Values.ToArray())
        {
            if (pending.Submit.Node is not null || state.ViewOf(pending.Submit.Partition) is not { } view)
                continue;
            if (IsDone(pending, view))
                Complete(
                    pending.Request.Id,
                    pending,
                    new RoutedAnswer.Outcome(new RequestOutcome.SwitchedOver(view.Epoch, view.Primary.Node))
                );
            else if (pending.Waits || pending.AskedIn < view.Epoch)
                Send(pending);
        }
    }

    /// <summary>Whether a switchover is done, although the former primary's answer is still under way or will never come.</summary>
    private static bool IsDone(Pending pending, View view) =>
        pending is { Sent: true, Request: Request.Switchover switchover }
        && pending.AskedIn < view.Epoch
        && view.Primary.Node == (switchover.To ?? view.Primary.Node)
        && view.Primary.Node != pending.Asked;

    /// <summary>A primary that hands over already would refuse to be told so again.</summary>
    private static bool MayBeSentTwice(Request request) => request is not Request.Switchover;

    private void OnLook()
    {
        if (_pending.Count == 0)
        {
            Timers.Cancel(nameof(Look));
            return;
        }

        var now = _clock.Now;
        foreach (var (id, pending) in _pending.ToArray())
        {
            if (now >= pending.Deadline)
                Complete(id, pending, new RoutedAnswer.TimedOut(WhyNot(pending)));
            else if (pending.Waits || (now - pending.AskedAt >= SendAgainAfter && MayBeSentTwice(pending.Request)))
                Send(pending);
        }
    }

    private string WhyNot(Pending pending)
    {
        var waited = $"within {pending.Submit.Timeout.TotalSeconds:0.###} s";
        if (pending.Submit.Node is { } node)
            return $"{node} did not answer {waited}";
        return _state?.ViewOf(pending.Submit.Partition) is { } view
            ? $"the primary of partition {pending.Submit.Partition}, {view.Primary.Node} in epoch {view.Epoch}, could not answer {waited}"
            : $"no formation state could be read {waited}";
    }
}

/// <summary>How a routed request ended.</summary>
internal abstract record RoutedAnswer
{
    private RoutedAnswer() { }

    public sealed record Outcome(RequestOutcome Value) : RoutedAnswer;

    /// <summary>Nobody answered in time. A write may have been carried out or not.</summary>
    public sealed record TimedOut(string Why) : RoutedAnswer;
}
