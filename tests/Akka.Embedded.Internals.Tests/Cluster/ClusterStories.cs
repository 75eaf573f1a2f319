using System.Collections.Immutable;
using Akka.Cluster;
using Akka.Cluster.Detection;
using Akka.Cluster.Node;
using Akka.Cluster.SBR;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>Whole clusters on virtual time: what operators see when nodes start, die, restart and leave.</summary>
public sealed class ClusterStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(20)]
    public void Nodes_started_together_are_all_up_without_waiting_for_any_interval(int nodes)
    {
        var cluster = Started(seed: 1, nodes);

        // Seven messages of up to 10 ms each, one after the other; the shortest interval is 250 ms.
        cluster.RunUntil(c => c.AllAgree(), TimeSpan.FromMilliseconds(70), "all Up");
    }

    [Fact]
    public void The_first_seed_starts_a_cluster_at_once_when_the_others_refuse_connections()
    {
        var cluster = new SimulatedCluster(seed: 2, nodes: 3);

        cluster.Start(0);

        cluster.RunUntil(c => c.AllAgree(), Second / 10, "first seed alone");
    }

    [Fact]
    public void Seeds_started_before_the_first_one_wait_for_it_and_join_as_soon_as_it_is_there()
    {
        var cluster = new SimulatedCluster(seed: 3, nodes: 3);
        cluster.Start(1);
        cluster.Start(2);
        cluster.RunFor(3 * Second);
        Assert.DoesNotContain(cluster.Running, node => node.IsMember);

        cluster.Start(0);

        cluster.RunUntil(c => c.AllAgree(), Second / 2, "all Up");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_node_killed_and_restarted_at_once_replaces_itself_without_waiting_for_its_own_death(int victim)
    {
        var cluster = Formed(seed: 4, nodes: 3);
        var old = cluster[victim].Self;

        cluster.Kill(victim);
        cluster.RunFor(Second / 10);
        cluster.Start(victim);

        cluster.RunUntil(c => c.AllAgree(), Second, "the new incarnation is Up");
        Assert.NotEqual(old, cluster[victim].Self);
    }

    [Fact]
    public void A_restarted_first_seed_rejoins_the_cluster_that_one_other_seed_still_holds()
    {
        var cluster = Formed(seed: 5, nodes: 3);
        cluster.Kill(0);
        cluster.Kill(1);
        cluster.RunFor(10 * Second);

        cluster.Start(0);
        cluster.RunFor(Second);

        Assert.True(cluster[0].View.Gossip.Has(cluster[2].Self), cluster.Describe());
        cluster.Start(1);
        cluster.RunUntil(c => c.AllAgree(), 2 * Second, "all three again");
    }

    [Fact]
    public void A_dead_node_is_unreachable_and_the_resolver_removes_it()
    {
        var cluster = Formed(seed: 6, nodes: 3, new KeepMajority(""));

        cluster.Kill(2);

        cluster.RunUntil(c => c[0].View.Unreachable.Count == 1, 6 * Second, "unreachable");
        cluster.RunUntil(c => c.AllAgree(), 3 * Second, "removed");
        Assert.Equal(2, cluster[0].View.Gossip.Members.Count);
    }

    [Fact]
    public void The_minority_of_a_split_goes_and_the_majority_stays()
    {
        var cluster = Formed(seed: 7, nodes: 5, new KeepMajority(""));
        foreach (var a in new[] { 0, 1 })
        foreach (var b in new[] { 2, 3, 4 })
            cluster.Cut(a, b);

        cluster.RunUntil(c => !c.IsRunning(0) && !c.IsRunning(1), 10 * Second, "the minority is gone");
        cluster.RunUntil(c => c.AllAgree(), Second, "the majority agrees");
        Assert.Equal(3, cluster.Running.Count());
    }

    [Fact]
    public void A_node_cut_off_from_more_members_than_it_watches_still_finds_out_that_it_is_alone()
    {
        var cluster = Formed(seed: 18, nodes: 20, new KeepMajority(""), stableAfter: 6 * Second);
        var alone = cluster[0].Self;
        cluster.OnChange = (_, view) =>
            Assert.False(
                view.Self.Equals(alone)
                    && view.Gossip.Members.Values.Any(m => m.Status == MemberStatus.Down)
                    && view.Gossip.Members[alone].Status != MemberStatus.Down,
                "it downs others, as if it were not alone"
            );
        for (var i = 1; i < 20; i++)
            cluster.Cut(0, i);

        cluster.RunUntil(c => !c.IsRunning(0), 30 * Second, "the one alone is gone");
        cluster.RunUntil(c => c.AllAgree(), Second, "the others agree");
        Assert.Equal(19, cluster.Running.Count());
    }

    [Fact]
    public void When_one_side_hears_the_other_but_not_the_other_way_round_only_the_smaller_one_goes()
    {
        var cluster = Formed(seed: 19, nodes: 5, new KeepMajority(""));
        foreach (var a in new[] { 0, 1, 2 })
        foreach (var b in new[] { 3, 4 })
            cluster.CutOneWay(a, b);

        cluster.RunUntil(c => !c.IsRunning(3) && !c.IsRunning(4), 12 * Second, "the smaller side is gone");
        cluster.RunUntil(c => c.AllAgree(), 5 * Second, "the larger side agrees");
        Assert.Equal(3, cluster.Running.Count());
    }

    [Fact]
    public void When_the_smaller_side_is_heard_but_hears_nothing_it_still_goes_alone()
    {
        var cluster = Formed(seed: 20, nodes: 5, new KeepMajority(""));
        foreach (var a in new[] { 0, 1, 2 })
        foreach (var b in new[] { 3, 4 })
            cluster.CutOneWay(b, a);

        cluster.RunUntil(c => !c.IsRunning(3) && !c.IsRunning(4), 12 * Second, "the smaller side is gone");
        cluster.RunUntil(c => c.AllAgree(), 5 * Second, "the larger side agrees");
        Assert.Equal(3, cluster.Running.Count());
    }

    [Fact]
    public void Without_a_resolver_a_split_that_heals_is_forgotten()
    {
        var cluster = Formed(seed: 8, nodes: 3);
        cluster.Cut(0, 1);
        cluster.Cut(0, 2);
        cluster.RunUntil(c => c[0].View.Unreachable.Count == 2, 10 * Second, "split");

        cluster.Heal();

        cluster.RunUntil(c => c.AllAgree(), 3 * Second, "healed");
    }

    [Fact]
    public void A_leaving_node_is_gone_in_no_time_and_nobody_waits_for_it()
    {
        var cluster = Formed(seed: 9, nodes: 3);

        cluster.Leave(0);

        cluster.RunUntil(c => !c.IsRunning(0), Second / 2, "left");
        cluster.RunUntil(c => c.AllAgree(), Second / 2, "the rest agrees");
    }

    [Fact]
    public void A_leaving_node_whose_last_word_is_lost_says_it_again()
    {
        var cluster = Formed(seed: 22, nodes: 3);
        cluster.Leave(2);
        cluster.RunUntil(c => StatusOf(c, 2, by: 0) == MemberStatus.Leaving, Second, "leaving");

        cluster.CutOneWay(2, 0);
        cluster.CutOneWay(2, 1);
        cluster.RunUntil(c => StatusOf(c, 2, by: 2) == MemberStatus.Exiting, Second, "exiting");
        cluster.RunFor(Second / 2);
        cluster.Heal();

        cluster.RunUntil(c => !c.IsRunning(2), 2 * Second, "left");
    }

    [Fact]
    public void The_last_node_can_leave_too()
    {
        var cluster = Formed(seed: 10, nodes: 1);

        cluster.Leave(0);

        cluster.RunUntil(c => !c.IsRunning(0), Second / 2, "left");
    }

    [Fact]
    public void Nodes_that_all_leave_at_once_do_not_wait_for_each_other()
    {
        var cluster = Formed(seed: 17, nodes: 3);

        for (var i = 0; i < 3; i++)
            cluster.Leave(i);

        cluster.RunUntil(c => !c.Running.Any(), TimeSpan.FromSeconds(3), "all left");
    }

    [Fact]
    public void A_downed_node_that_still_lives_learns_it_and_goes()
    {
        var cluster = Formed(seed: 11, nodes: 3);

        cluster.Down(by: 1, 2);

        cluster.RunUntil(c => !c.IsRunning(2), Second / 2, "gone");
        cluster.RunUntil(c => c.AllAgree(), Second / 2, "the rest agrees");
    }

    [Fact]
    public void A_node_removed_while_cut_off_learns_it_when_the_cut_heals()
    {
        var cluster = Formed(seed: 12, nodes: 3);
        cluster.Cut(2, 0);
        cluster.Cut(2, 1);
        cluster.RunUntil(c => c[0].View.Unreachable.Count == 1, 10 * Second, "cut off");
        cluster.Down(by: 0, 2);
        cluster.RunUntil(c => c[0].View.Gossip.Members.Count == 2, Second, "removed");

        cluster.Heal();

        cluster.RunUntil(c => !c.IsRunning(2), 2 * Second, "gone");
    }

    [Fact]
    public void Nobody_is_up_before_enough_members_are_there()
    {
        var cluster = new SimulatedCluster(seed: 13, nodes: 3)
        {
            Configure = o => o with { Membership = o.Membership with { MinNrOfMembers = 3 } },
        };
        cluster.Start(0);
        cluster.Start(1);
        cluster.RunFor(5 * Second);
        Assert.All(
            cluster.Running,
            node => Assert.All(node.View.Gossip.Members.Values, m => Assert.Equal(MemberStatus.Joining, m.Status))
        );

        cluster.Start(2);

        cluster.RunUntil(c => c.AllAgree(), Second / 2, "all Up");
    }

    [Fact]
    public void A_joining_node_becomes_weakly_up_while_a_dead_member_prevents_agreement()
    {
        var cluster = Formed(seed: 14, nodes: 4, started: 3);
        cluster.Kill(2);
        cluster.RunUntil(c => c[0].View.Unreachable.Count == 1, 10 * Second, "unreachable");

        cluster.Start(3);

        cluster.RunUntil(
            c => c[0].View.Gossip.Members.Values.Any(m => m.Status == MemberStatus.WeaklyUp),
            9 * Second,
            "weakly up"
        );
        cluster.Start(2);
        cluster.RunUntil(c => c.AllAgree(), 2 * Second, "all Up");
    }

    [Fact]
    public void A_settled_cluster_sends_nothing_but_heartbeats()
    {
        var cluster = Formed(seed: 15, nodes: 3);
        cluster.RunFor(5 * Second);
        var before = cluster.MessagesSent;

        cluster.RunFor(10 * Second);

        // Each of three nodes asks two others ten times and answers as often.
        Assert.InRange(cluster.MessagesSent - before, 0, 3 * 2 * 2 * 11);
    }

    [Fact]
    public void A_node_that_joined_through_one_that_died_at_once_is_still_made_known()
    {
        var cluster = Formed(seed: 16, nodes: 4, started: 3);

        // Only the last of the seeds can be asked, and it dies right after its welcome.
        cluster.Cut(3, 0);
        cluster.Cut(3, 1);
        cluster.Cut(2, 0);
        cluster.Cut(2, 1);
        cluster.Start(3);
        cluster.RunUntil(c => c[3].IsMember, Second, "welcomed");
        cluster.Kill(2);
        cluster.Heal();
        cluster.Start(2);

        cluster.RunUntil(c => c.AllAgree(), 5 * Second, "all Up");
    }

    private static MemberStatus? StatusOf(SimulatedCluster cluster, int node, int by) =>
        cluster[by].View.Gossip.Members.GetValueOrDefault(cluster[node].Self)?.Status;

    private static SimulatedCluster Started(int seed, int nodes)
    {
        var cluster = new SimulatedCluster(seed, nodes);
        for (var i = 0; i < nodes; i++)
            cluster.Start(i);
        return cluster;
    }

    private static SimulatedCluster Formed(
        int seed,
        int nodes,
        DowningStrategy? strategy = null,
        int? started = null,
        TimeSpan? stableAfter = null
    )
    {
        var cluster = new SimulatedCluster(seed, nodes)
        {
            Configure = options =>
                options with
                {
                    SplitBrain = strategy is null
                        ? null
                        : new SplitBrainOptions(strategy, stableAfter ?? Second, 4 * Second),
                },
        };
        for (var i = 0; i < (started ?? nodes); i++)
            cluster.Start(i);
        cluster.RunUntil(c => c.AllAgree(), 5 * Second, "formation");
        cluster.RunFor(2 * Second);
        return cluster;
    }
}
