using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Application;
using Failover.Core.Detection;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Application;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Application;

/// <summary>A node, app1, whose application's handler a test ends run by run; another one, app2, that a probe plays.</summary>
public sealed class ApplicationActorTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly NodeId App1 = new("app1");
    private static readonly NodeId App2 = new("app2");
    private static readonly PartitionId Zero = new(0);
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BlockingCollection<Run> _runs = [];
    private readonly ManualTime _time = new();
    private readonly MonotonicClock _clock;
    private readonly StatusBoard _board = new(1);
    private readonly Knowledge _knowledge = new();
    private readonly PeerSights _sights = new();
    private readonly TestProbe _heartbeat;
    private readonly TestProbe _other;
    private readonly MetricsRegistry _metrics = new();
    private readonly IActorRef _actor;

    public ApplicationActorTests()
        : base("akka.loglevel = ERROR")
    {
        _clock = new MonotonicClock(_time);
        _heartbeat = CreateTestProbe();
        _other = CreateTestProbe();
        var directory = new PeerDirectory(Sys);
        foreach (var node in new[] { App1, App2 })
            directory.Add(Info(node));
        // The other node's actor is found below its address: here it is this very system.
        var other = _other.Ref;
        Sys.ActorOf(Props.Create(() => new Forwarder(other)), ActorNames.Application);
        var setup = new ApplicationSetup(
            App1,
            new RoleKeeperOptions(TimeSpan.FromSeconds(30), Repeat),
            new ApplicationHealth(2, 2, "the application's handler"),
            Lease,
            Started,
            _clock,
            _board,
            _knowledge,
            _sights,
            directory,
            _heartbeat.Ref,
            new FailoverMetrics(_metrics)
        );
        _actor = Sys.ActorOf(Props.Create(() => new ApplicationActor(setup)));
    }

    [Fact]
    public void An_application_leads_where_the_primary_serves_once_the_others_have_stepped_aside()
    {
        var first = Take();
        Assert.Equal(new RoleWish(ApplicationRole.Standby, Epoch.None, null), first.Wish);
        first.Ended.SetResult(null);

        Leads(epoch: 2);
        Assert.Equal(new StepAside(App1, new Epoch(2)), _other.FishForMessage<StepAside>(_ => true));
        Assert.Empty(_runs);
        _actor.Tell(new SteppedAside(App2, new Epoch(2)));

        var second = Take();
        Assert.Equal(new RoleWish(ApplicationRole.Primary, new Epoch(2), App1), second.Wish);
        Assert.Equal("changing", _board.Application);
        second.Ended.SetResult(null);
        AwaitAssert(() => Assert.Equal("primary", _board.Application));
        Assert.Contains("failover_application_role 1\n", Scraped, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lease_that_is_lost_for_its_whole_length_takes_the_application_down_and_a_shorter_lapse_does_not()
    {
        BecomesPrimary();

        _board.Leases.Publish(Zero, new(new Epoch(2), null));
        _time.Advance(Lease);
        Look();
        Assert.Empty(_runs);

        _time.Advance(Lease);
        Look();
        Assert.Equal(ApplicationRole.Standby, Take().Wish.Role);
    }

    [Fact]
    public void The_other_node_is_told_when_this_ones_application_is_standby_and_not_before()
    {
        BecomesPrimary();
        _actor.Tell(new StepAside(App2, new Epoch(3)));
        Follows(epoch: 3);

        var run = Take();
        Assert.Equal(new RoleWish(ApplicationRole.Standby, new Epoch(3), App2), run.Wish);
        _other.ExpectNoMsg(TimeSpan.Zero);
        run.Ended.SetResult(null);

        Assert.Equal(new SteppedAside(App1, new Epoch(3)), _other.FishForMessage<SteppedAside>(_ => true));
    }

    [Fact]
    public void A_run_that_makes_a_primary_is_ended_when_the_role_is_lost()
    {
        Take().Ended.SetResult(null);
        _sights.Publish(Sight(Verdict.Dead));
        Leads(epoch: 2);
        var run = Take();

        Follows(epoch: 3);

        AwaitAssert(() => Assert.True(run.IsAborted));
        run.Ended.SetResult("killed by signal 9");
        Assert.Equal(ApplicationRole.Standby, Take().Wish.Role);
    }

    [Fact]
    public void A_node_whose_application_cannot_be_put_into_its_role_is_unhealthy()
    {
        Take().Ended.SetResult("exit 1: 'no such database'");
        TakeRepeated().Ended.SetResult("exit 1: 'no such database'");

        _heartbeat.ExpectMsg<HeartbeatActor.Beat>();
        Assert.Equal("the application's handler failed 2 times: exit 1: 'no such database'", _board.Ailment);

        TakeRepeated().Ended.SetResult(null);
        TakeRepeated().Ended.SetResult(null);
        _heartbeat.ExpectMsg<HeartbeatActor.Beat>();
        Assert.Null(_board.Ailment);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _metrics.Dispose();
    }

    private sealed record Run(RoleWish Wish, TaskCompletionSource<string?> Ended)
    {
        private int _aborts;

        public bool IsAborted => Volatile.Read(ref _aborts) > 0;

        public void Abort() => Interlocked.Increment(ref _aborts);
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Forward);
    }

    private string Scraped
    {
        get
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            _metrics.WriteTo(output);
            return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
        }
    }

    private HandlerRun Started(RoleWish wish)
    {
        var run = new Run(wish, new());
        _runs.Add(run);
        return new HandlerRun(run.Ended.Task, run.Abort);
    }

    private Run Take() => _runs.TryTake(out var run, Patience) ? run : throw new TimeoutException("no run was started");

    /// <summary>Time passes until the handler is called again.</summary>
    private Run TakeRepeated()
    {
        Run? run = null;
        AwaitCondition(
            () =>
            {
                Look(Repeat);
                return _runs.TryTake(out run, TimeSpan.FromMilliseconds(10));
            },
            Patience
        );
        return run!;
    }

    private void BecomesPrimary()
    {
        Take().Ended.SetResult(null);
        _sights.Publish(Sight(Verdict.Dead));
        Leads(epoch: 2);
        Take().Ended.SetResult(null);
        AwaitAssert(() => Assert.Equal("primary", _board.Application));
    }

    private void Leads(long epoch)
    {
        _board.Leases.Publish(Zero, new(new Epoch(epoch), _clock.Now + TimeSpan.FromMilliseconds(91)));
        Post(ReplicaRole.Primary, epoch);
        Look();
    }

    private void Follows(long epoch)
    {
        Post(ReplicaRole.Standby, epoch);
        _knowledge.Learn(
            new FormationState(
                new FormationId(Guid.Empty),
                1,
                [App1, App2],
                ImmutableSortedDictionary<PartitionId, View>.Empty.Add(
                    Zero,
                    new View(new Epoch(epoch), new ReplicaId(App2, new DataId(Guid.Empty)), [])
                ),
                Paused: false,
                [],
                []
            )
        );
        Look();
    }

    private void Look(TimeSpan later = default)
    {
        _time.Advance(later);
        _actor.Tell(ApplicationActor.Look.Instance);
    }

    private void Post(ReplicaRole role, long epoch) =>
        _board.Post(
            new StatusBoard.Line(
                Zero,
                new ReplicaId(App1, new DataId(Guid.Empty)),
                role,
                new Epoch(epoch),
                Position.Zero,
                0,
                Released: false,
                Trouble: null,
                Instant.Zero,
                Entries: 0
            )
        );

    private static Dictionary<NodeId, PeerSight> Sight(Verdict verdict) =>
        new() { [App2] = new PeerSight(null, null, 0, ProbeState.Unknown, verdict) };

    private NodeInfo Info(NodeId node) =>
        new(
            node,
            new Incarnation(1),
            [NodeInfo.DataRole],
            ((ExtendedActorSystem)Sys).Provider.DefaultAddress.ToString(),
            "",
            "127.0.0.1",
            0,
            "0"
        );
}
