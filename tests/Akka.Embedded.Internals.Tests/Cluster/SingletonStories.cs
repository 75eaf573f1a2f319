using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Util;
using static Akka.Cluster.Tools.Singleton.SingletonEffect;
using static Akka.Cluster.Tools.Singleton.SingletonInput;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>When one node may host the singleton, told from the youngest of three.</summary>
public sealed class SingletonStories
{
    private static readonly UniqueAddress Oldest = Node(1);
    private static readonly UniqueAddress Middle = Node(2);
    private static readonly UniqueAddress Self = Node(3);

    private readonly SingletonMachine _machine = new(Self, member => !member.HasRole("other"));

    [Fact]
    public void The_oldest_starts_at_once()
    {
        Assert.Equal([new Start()], Step(new Began([Member(Self, 1), Member(Oldest, 2)])));
    }

    [Fact]
    public void A_younger_one_waits_while_an_older_one_is_up_or_down_but_not_removed()
    {
        Assert.Empty(Step(new Began([Member(Oldest, 1), Member(Self, 3)])));

        Assert.Empty(Step(new MemberChanged(Member(Oldest, 1, MemberStatus.Down))));
    }

    [Fact]
    public void Members_without_the_role_are_not_waited_for()
    {
        var other = new Member(Oldest, 1, MemberStatus.Up, ["other"], AppVersion.Zero);

        Assert.Equal([new Start()], Step(new Began([other, Member(Self, 3)])));
    }

    [Fact]
    public void After_a_downed_older_one_is_removed_the_margin_is_waited_out()
    {
        Step(new Began([Member(Oldest, 1), Member(Self, 3)]));

        Assert.Equal([new AwaitMargin(Oldest)], Step(new MemberRemoved(Oldest, MemberStatus.Down)));
        Assert.Equal([new Start()], Step(new MarginPassed(Oldest)));
    }

    [Fact]
    public void An_older_one_that_its_own_restart_replaced_is_dead_and_not_waited_for()
    {
        Step(new Began([Member(Oldest, 1), Member(Self, 3)]));

        Assert.Equal([new Start()], Step(new MemberRemoved(Oldest, MemberStatus.Up)));
    }

    [Fact]
    public void An_exiting_older_one_is_asked_and_its_confirmation_is_enough()
    {
        Step(new Began([Member(Oldest, 1), Member(Self, 3)]));

        Assert.Equal([new AskForHandOver(Oldest)], Step(new MemberChanged(Member(Oldest, 1, MemberStatus.Exiting))));
        Assert.Equal([new AskForHandOver(Oldest)], Step(new RetryDue()));
        Assert.Equal([new Start()], Step(new HandedOver(Oldest)));
        Assert.Empty(Step(new MemberRemoved(Oldest, MemberStatus.Exiting)));
    }

    [Fact]
    public void When_two_older_ones_exit_both_must_confirm()
    {
        Step(new Began([Member(Oldest, 1), Member(Middle, 2), Member(Self, 3)]));
        Assert.Empty(Step(new MemberChanged(Member(Oldest, 1, MemberStatus.Exiting))));

        Assert.Equal(
            [new AskForHandOver(Oldest), new AskForHandOver(Middle)],
            Step(new MemberChanged(Member(Middle, 2, MemberStatus.Exiting)))
                .OrderBy(effect => ((AskForHandOver)effect).From)
        );
        Assert.Empty(Step(new HandedOver(Middle)));
        Assert.Equal([new Start()], Step(new HandedOver(Oldest)));
    }

    [Fact]
    public void A_confirmation_that_comes_after_the_removal_ends_the_margin()
    {
        Step(new Began([Member(Oldest, 1), Member(Self, 3)]));
        Step(new MemberChanged(Member(Oldest, 1, MemberStatus.Exiting)));

        Assert.Equal([new AwaitMargin(Oldest)], Step(new MemberRemoved(Oldest, MemberStatus.Exiting)));
        Assert.Equal([new Start()], Step(new HandedOver(Oldest)));
    }

    [Fact]
    public void An_exiting_host_tells_all_that_may_come_next_without_being_asked()
    {
        Step(new Began([Member(Self, 1), Member(Middle, 2), Member(Oldest, 3)]));
        Step(new MemberChanged(Member(Self, 1, MemberStatus.Exiting)));

        Assert.Equal(
            [new ConfirmHandOver(Oldest), new ConfirmHandOver(Middle), new Finished()],
            Step(new SingletonStopped())
        );
    }

    [Fact]
    public void An_exiting_host_stops_its_instance_and_confirms_only_when_it_is_gone()
    {
        Step(new Began([Member(Self, 1), Member(Middle, 2)]));

        Assert.Equal([new Stop()], Step(new MemberChanged(Member(Self, 1, MemberStatus.Exiting))));
        Assert.Empty(Step(new HandOverAsked(Middle, Self)));
        Assert.Equal([new ConfirmHandOver(Middle), new Finished()], Step(new SingletonStopped()));
    }

    [Fact]
    public void A_host_asked_to_hand_over_before_it_knows_that_it_exits_never_starts_again()
    {
        Step(new Began([Member(Self, 1), Member(Middle, 2)]));

        Assert.Equal([new Stop()], Step(new HandOverAsked(Middle, Self)));
        Assert.Equal([new ConfirmHandOver(Middle), new Finished()], Step(new SingletonStopped()));
        Assert.Empty(Step(new MemberChanged(Member(Middle, 2, MemberStatus.Leaving))));
        Assert.Equal([new ConfirmHandOver(Middle)], Step(new HandOverAsked(Middle, Self)));
    }

    [Fact]
    public void A_restarted_node_does_not_take_a_request_to_its_former_incarnation_for_its_own()
    {
        Step(new Began([Member(Self, 1), Member(Middle, 2)]));

        Assert.Empty(Step(new HandOverAsked(Middle, new UniqueAddress(Self.Address, Self.Uid - 1))));
        Assert.True(_machine.IsRunning);
    }

    [Fact]
    public void An_instance_that_stopped_by_itself_is_started_again()
    {
        Step(new Began([Member(Self, 1)]));

        Assert.Equal([new Start()], Step(new SingletonStopped()));
    }

    private List<SingletonEffect> Step(SingletonInput input)
    {
        var effects = new List<SingletonEffect>();
        _machine.Step(input, effects);
        return effects;
    }

    private static UniqueAddress Node(int i) => new(new Address("akka.tcp", "sim", "127.0.0.1", 4000 + i), i);

    private static Member Member(UniqueAddress node, int upNumber, MemberStatus status = MemberStatus.Up) =>
        new(node, upNumber, status, [], AppVersion.Zero);
}
