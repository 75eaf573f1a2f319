using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Messages;
using Failover.Node.Routing;

namespace Failover.Node.Tests.Routing;

public sealed class RouterActorTests : RouterStories
{
    private static readonly RequestOutcome Done = new RequestOutcome.Written(CommandResult.Deleted.Instance, new(1));

    [Fact]
    public async Task A_request_is_brought_to_the_primary_and_its_answer_back()
    {
        Led(App1, 1);

        var answer = Writes();
        Answers(Replica.ExpectMsg<Request.Write>().Id, Done);

        Assert.Equal(new RoutedAnswer.Outcome(Done), await answer);
    }

    [Fact]
    public async Task A_request_is_held_until_there_is_a_primary()
    {
        var answer = Writes();
        Replica.ExpectNoMsg(TimeSpan.Zero);

        Led(App1, 1);

        Answers(Replica.ExpectMsg<Request.Write>().Id, Done);
        await answer;
    }

    [Fact]
    public async Task A_primary_that_has_not_been_met_yet_is_asked_as_soon_as_it_is()
    {
        Learned(App2, 1);
        var answer = Writes();

        Met(App2);

        Answers(Replica.ExpectMsg<Request.Write>().Id, Done);
        await answer;
    }

    [Fact]
    public async Task A_write_is_sent_again_to_the_next_primary_under_the_same_session()
    {
        Led(App1, 1);
        var answer = Writes();
        var first = Replica.ExpectMsg<Request.Write>();

        Led(App2, 2);

        var second = Replica.ExpectMsg<Request.Write>();
        Assert.Equal(first, second);
        Assert.Equal("@app1-7", second.Session!.Client);
        Answers(second.Id, Done);
        await answer;
    }

    [Fact]
    public async Task Who_does_not_lead_yet_is_asked_again_soon()
    {
        Led(App1, 1);
        var answer = Writes();
        var first = Replica.ExpectMsg<Request.Write>();

        Answers(first.Id, RequestOutcome.NotPrimary.Instance);

        Assert.Equal(first, Replica.ExpectMsg<Request.Write>());
        Answers(first.Id, Done);
        await answer;
    }

    [Fact]
    public async Task An_answer_that_got_lost_is_asked_for_again()
    {
        Led(App1, 1);
        var answer = Writes();
        var first = Replica.ExpectMsg<Request.Write>();

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(first, Replica.ExpectMsg<Request.Write>());
        Answers(first.Id, Done);
        await answer;
    }

    [Fact]
    public async Task A_client_that_numbers_its_requests_keeps_its_own_session()
    {
        Led(App1, 1);
        var stamp = new SessionStamp("client", 3, 1);

        var answer = Writes(stamp: stamp);

        var write = Replica.ExpectMsg<Request.Write>();
        Assert.Equal(stamp with { Since = Pos(1, 41) }, write.Session);
        Answers(write.Id, Done);
        await answer;
    }

    [Fact]
    public async Task Every_attempt_says_how_far_the_log_had_come_before_the_first()
    {
        Led(App1, 1);
        var answer = Writes();
        var first = Replica.ExpectMsg<Request.Write>();
        Furthest = new Position(new(2), 97);

        Led(App2, 2);

        var second = Replica.ExpectMsg<Request.Write>();
        Assert.Equal((Pos(1, 41), Pos(1, 41)), (first.Session!.Since, second.Session!.Since));
        Answers(second.Id, Done);
        await answer;
    }

    [Fact]
    public async Task A_client_that_says_since_when_it_asks_is_believed()
    {
        Led(App1, 1);
        var stamp = new SessionStamp("client", 3, 1, Pos(1, 7));

        _ = Writes(stamp: stamp);

        Assert.Equal(stamp, Replica.ExpectMsg<Request.Write>().Session);
        await Settled();
    }

    [Fact]
    public async Task A_node_that_knows_no_log_yet_waits_for_the_first_word_of_it()
    {
        Furthest = null;
        Led(App1, 1);
        _ = Writes();
        await Settled();
        Replica.ExpectNoMsg(TimeSpan.Zero);

        Furthest = Pos(1, 41);

        Assert.Equal(Pos(1, 41), Replica.ExpectMsg<Request.Write>().Session!.Since);
    }

    [Fact]
    public async Task Without_a_word_for_a_second_it_may_be_a_request_of_any_age()
    {
        Furthest = null;
        Led(App1, 1);
        _ = Writes();
        await Settled();

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Position.Zero, Replica.ExpectMsg<Request.Write>().Session!.Since);
    }

    [Fact]
    public async Task Answers_are_kept_until_every_earlier_request_has_one()
    {
        Led(App1, 1);
        var (first, second) = (Writes(), Writes());
        var (one, two) = (Replica.ExpectMsg<Request.Write>(), Replica.ExpectMsg<Request.Write>());
        Answers(two.Id, Done);
        await second;

        var third = Writes();
        var three = Replica.ExpectMsg<Request.Write>();
        Assert.Equal(one.Id, three.Session!.CompletedBelow);
        Answers(one.Id, Done);
        Answers(three.Id, Done);
        await Task.WhenAll(first, third);

        _ = Writes();
        var four = Replica.ExpectMsg<Request.Write>();
        Assert.Equal(four.Id, four.Session!.CompletedBelow);
    }

    [Fact]
    public async Task Without_any_formation_state_it_times_out_saying_so()
    {
        var answer = Writes(TimeSpan.FromSeconds(2));

        await Settled();
        Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(new RoutedAnswer.TimedOut("no formation state could be read within 2 s"), await answer);
    }

    [Fact]
    public async Task Without_an_answer_it_times_out_naming_the_primary()
    {
        Led(App1, 4);
        var answer = Writes(TimeSpan.FromMilliseconds(500));
        Replica.ExpectMsg<Request.Write>();

        Time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Equal(
            new RoutedAnswer.TimedOut("the primary of partition 0, app1 in epoch 4, could not answer within 0.5 s"),
            await answer
        );
    }

    [Fact]
    public async Task One_named_node_is_asked_whoever_leads_and_named_when_it_is_silent()
    {
        Met(App2);
        Led(App1, 1);
        var answer = Reads(TimeSpan.FromSeconds(1), App2);
        Replica.ExpectMsg<Request.Read>();

        Led(App1, 2);
        await Settled();
        Replica.ExpectNoMsg(TimeSpan.Zero);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new RoutedAnswer.TimedOut("app2 did not answer within 1 s"), await answer);
    }

    [Fact]
    public async Task A_router_that_stops_leaves_nobody_waiting()
    {
        Led(App1, 1);
        var answer = Writes();
        Replica.ExpectMsg<Request.Write>();

        Sys.Stop(Router);

        Assert.Equal(new RoutedAnswer.TimedOut("this node is stopping"), await answer);
    }

    [Theory]
    [InlineData("app2")]
    [InlineData(null)]
    public async Task A_switchover_is_done_when_the_view_says_so_and_not_asked_of_the_new_primary(string? to)
    {
        // The old primary's answer and the view race each other; the new primary could only say that it leads already.
        Met(App2);
        Led(App1, 1);
        var answer = SwitchesOver(to is null ? null : new NodeId(to));
        Replica.ExpectMsg<Request.Switchover>();

        Learned(App2, 2);

        Assert.Equal(new RoutedAnswer.Outcome(new RequestOutcome.SwitchedOver(new(2), App2)), await answer);
        Replica.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_switchover_is_asked_of_a_primary_that_the_view_names_instead_of_the_target()
    {
        Met(App2);
        Led(App1, 1);
        var answer = SwitchesOver(App2);
        var id = Replica.ExpectMsg<Request.Switchover>().Id;

        Learned(App1, 2);

        Replica.ExpectMsg<Request.Switchover>();
        var done = new RequestOutcome.SwitchedOver(new(3), App2);
        Answers(id, done);
        Assert.Equal(new RoutedAnswer.Outcome(done), await answer);
    }

    [Fact]
    public async Task A_switchover_that_takes_its_time_is_not_asked_for_twice()
    {
        Led(App1, 1);
        var (answer, marker) = (SwitchesOver(), Writes());
        var id = Replica.ExpectMsg<Request.Switchover>().Id;
        var write = Replica.ExpectMsg<Request.Write>();

        Time.Advance(TimeSpan.FromSeconds(2));

        // The write is sent again, the switchover before it is not.
        Assert.Equal(write, Replica.ExpectMsg<Request.Write>());
        var done = new RequestOutcome.SwitchedOver(new(2), App2);
        Answers(id, done);
        Assert.Equal(new RoutedAnswer.Outcome(done), await answer);
        Answers(write.Id, Done);
        await marker;
    }

    [Fact]
    public async Task A_map_comes_in_parts_each_when_it_is_asked_for()
    {
        Led(App1, 1);
        var answer = ReadsMap();
        var id = Replica.ExpectMsg<Request.ReadMap>().Id;

        Replica.Send(Router, Part(id, false, ("a", 1)));
        Replica.ExpectMsg(new MoreOfMap(id));
        Replica.Send(Router, Part(id, true, ("b", 2)));

        Assert.Equal([("a", 1), ("b", 2)], MapIn(await answer));
    }

    [Fact]
    public async Task Parts_of_two_attempts_at_one_map_are_not_mixed()
    {
        // The first sender is slow rather than dead: the request was sent again meanwhile, and the map has changed.
        Led(App1, 1);
        var answer = ReadsMap();
        var slow = CreateTestProbe();
        var first = Replica.ExpectMsg<Request.ReadMap>().Id;
        slow.Send(Router, Part(first, false, ("a", 1)));
        slow.ExpectMsg(new MoreOfMap(first));
        Time.Advance(TimeSpan.FromSeconds(1));
        var second = Replica.ExpectMsg<Request.ReadMap>().Id;

        Replica.Send(Router, Part(second, false, ("a", 5), ("b", 5)));
        Replica.ExpectMsg(new MoreOfMap(second));
        slow.Send(Router, Part(first, true, ("b", 1)));
        Replica.Send(Router, Part(second, true, ("c", 5)));

        Assert.Equal([("a", 5), ("b", 5), ("c", 5)], MapIn(await answer));
    }

    private static Position Pos(long epoch, long sequence) => new(new Epoch(epoch), sequence);

    private static MapPart Part(long id, bool final, params (string Key, long Version)[] entries) =>
        new(id, [.. entries.Select(e => KeyValuePair.Create(e.Key, new StoredValue("0", e.Version)))], final);

    private static IEnumerable<(string, long)> MapIn(RoutedAnswer answer)
    {
        var outcome = Assert.IsType<RoutedAnswer.Outcome>(answer).Value;
        return Assert.IsType<RequestOutcome.ReadMany>(outcome).Entries.Select(e => (e.Key, e.Value.Version)).Order();
    }

    /// <summary>The router has done all that was sent to it before.</summary>
    private Task<ActorIdentity> Settled() => Router.Ask<ActorIdentity>(new Identify(0));
}
