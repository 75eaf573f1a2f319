using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Lifeline;
using Failover.Node.Membership;
using Failover.Node.Metrics;
using Failover.Node.Storage;
using Failover.Node.Tests.Storage;

namespace Failover.Node.Tests.Lifeline;

public sealed class RegisterActorTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly FormationId Ours = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly FormationId Another = new(new Guid(2, 0, 0, new byte[8]));

    private readonly SimulatedDisk _disk = new();
    private readonly MetricsRegistry _metrics = new();

    public RegisterActorTests()
        : base(
            LifelineDispatcherTests.Settings.WithFallback(
                """akka { loglevel = WARNING, actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy" }"""
            )
        )
    {
        _disk.CreateDirectory("/data");
        Sys.EventStream.Subscribe(TestActor, typeof(StateLearned));
    }

    [Fact]
    public void The_first_committed_state_says_which_formation_this_node_belongs_to_for_good()
    {
        Start().Tell(new StateCommitted(StateOf(Ours)));
        ExpectMsg<StateLearned>();

        Assert.Equal(Ours, FormationMemory.Open(File).Known);
    }

    [Fact]
    public void The_state_of_another_formation_is_refused_after_a_restart_too()
    {
        FormationMemory.Open(File).Remember(Ours);
        var register = Start();

        EventFilter
            .Error(contains: $"belongs to formation {Ours}")
            .ExpectOne(() => register.Tell(new StateCommitted(StateOf(Another))));

        ExpectNoMsg(TimeSpan.Zero);
        register.Tell(new StateCommitted(StateOf(Ours)));
        Assert.Equal(Ours, ExpectMsg<StateLearned>().State.Formation);
    }

    [Fact]
    public void The_heartbeats_thread_does_not_wait_for_the_disk_and_what_is_learned_waits_in_order()
    {
        var register = Start();
        using var slow = new SlowDisk(_disk, "fsync");
        register.Tell(new StateCommitted(StateOf(Ours)));
        slow.Begun();

        register.Tell(new StateCommitted(StateOf(Ours) with { Version = 2 }));
        LifelineDispatcher.LoopOf(Sys).Run(() => { });
        ExpectNoMsg(TimeSpan.Zero);
        slow.GoesOn();

        Assert.Equal(1, ExpectMsg<StateLearned>().State.Version);
        Assert.Equal(2, ExpectMsg<StateLearned>().State.Version);
    }

    [Fact]
    public void What_others_told_before_the_first_read_is_said_again_after_it_since_not_everybody_listened()
    {
        var (register, state) = (Start(), StateOf(Ours));
        register.Tell(new StateCommitted(state));
        ExpectMsg<StateLearned>();

        var ballot = new Ballot(1, new NodeId("app1"), new Incarnation(1));
        foreach (var voter in state.Voters)
            register.Tell(new RegisterEnvelope(voter, new RegisterMessage.Promise(ballot, ballot, state, [])));
        ExpectNoMsg(TimeSpan.Zero);
        foreach (var voter in state.Voters)
            register.Tell(new RegisterEnvelope(voter, new RegisterMessage.Accepted(ballot)));

        Assert.Equal(state.Version, ExpectMsg<StateLearned>().State.Version);
    }

    [Fact]
    public void A_node_that_cannot_remember_its_formation_ends_and_tells_nobody_of_the_state()
    {
        var register = Start();
        Watch(register);
        _disk.Before = (operation, path) =>
        {
            if (operation == "rename")
                throw StorageException.FromErrno(operation, path, 28);
        };

        EventFilter.Error(contains: "formation").ExpectOne(() => register.Tell(new StateCommitted(StateOf(Ours))));

        ExpectTerminated(register);
        ExpectNoMsg(TimeSpan.Zero);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _metrics.Dispose();
    }

    private DurableFile File => new("/data/formation", _disk);

    private IActorRef Start()
    {
        var options = new ProposerOptions
        {
            Self = new NodeId("app1"),
            Incarnation = new Incarnation(1),
            Electorate = ImmutableArray.Create(new NodeId("app1"), new NodeId("app2")),
        };
        var memory = FormationMemory.Open(File);
        var directory = new PeerDirectory(Sys);
        var clock = new MonotonicClock(new ManualTime());
        var metrics = new FailoverMetrics(_metrics);
        return Sys.ActorOf(
            Props
                .Create(() => new RegisterActor(options, memory, directory, clock, metrics))
                .WithDispatcher(LifelineDispatcher.Path)
        );
    }

    private static FormationState StateOf(FormationId formation) =>
        new(
            formation,
            1,
            [new NodeId("app1")],
            ImmutableSortedDictionary<PartitionId, Core.Views.View>.Empty,
            Paused: false,
            Maintenance: [],
            History: []
        );
}
