using Akka.Cluster;
using Akka.Cluster.Node;
using Akka.Cluster.SBR;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>Where the singleton of a whole cluster lives, and how long it is away, on virtual time.</summary>
public sealed class SingletonMoves
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StableAfter = 5 * Second;

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public void When_its_node_leaves_it_moves_in_a_few_messages(int nodes)
    {
        var cluster = Formed(seed: 2, nodes);
        var old = Host(cluster);

        cluster.Leave(0);

        // Of which the instance takes up to 20 ms to stop.
        cluster.RunUntil(c => c.SingletonHosts.Any(host => host != old), Second / 5, "moved");
        Assert.Equal(cluster[1].Self, Host(cluster));
    }

    [Fact]
    public void When_one_node_after_the_other_leaves_it_goes_down_the_line_of_ages()
    {
        var cluster = Formed(seed: 3, nodes: 5);

        for (var i = 0; i < 4; i++)
        {
            cluster.Leave(i);
            cluster.RunUntil(c => c.SingletonHosts.SequenceEqual([c[i + 1].Self]), Second, $"it is on {i + 1}");
        }
    }

    [Fact]
    public void When_its_node_and_the_next_one_leave_together_it_skips_both()
    {
        var cluster = Formed(seed: 4, nodes: 4);

        cluster.Leave(0);
        cluster.Leave(1);

        cluster.RunUntil(c => c.SingletonHosts.SequenceEqual([c[2].Self]), 2 * Second, "it is on the third");
    }

    [Fact]
    public void When_the_word_that_it_is_gone_is_lost_it_is_asked_for_again_after_the_retry_interval()
    {
        var cluster = Formed(seed: 22, nodes: 3);
        cluster.Leave(0);
        cluster.RunUntil(
            c => c[1].View.Gossip.Members.GetValueOrDefault(c[0].Self)?.Status == MemberStatus.Exiting,
            Second,
            "exiting"
        );

        cluster.Cut(0, 1);
        cluster.RunFor(Second / 3);
        Assert.DoesNotContain(cluster[1].Self, cluster.SingletonHosts);
        cluster.Heal();

        cluster.RunUntil(c => c.SingletonHosts.SequenceEqual([c[1].Self]), Second / 4, "moved");
    }

    [Fact]
    public void When_its_node_dies_it_moves_after_the_resolver_has_downed_the_node_and_the_margin_has_passed()
    {
        var cluster = Formed(seed: 6, nodes: 3);
        cluster.Kill(0);
        cluster.RunUntil(c => c[1].View.Gossip.Members.Count == 2, 12 * Second, "removed");

        cluster.RunFor(StableAfter - Second / 10);
        Assert.Empty(cluster.SingletonHosts);

        cluster.RunUntil(c => c.SingletonHosts.SequenceEqual([c[1].Self]), Second / 5, "moved");
    }

    [Fact]
    public void When_its_node_dies_and_comes_back_the_next_oldest_takes_it_at_once()
    {
        var cluster = Formed(seed: 7, nodes: 3);
        cluster.Kill(0);
        cluster.RunFor(Second / 10);

        cluster.Start(0);

        cluster.RunUntil(c => c.SingletonHosts.SequenceEqual([c[1].Self]), Second / 5, "moved");

        // And there it stays: the one that came back has the lowest address, but is the youngest.
        cluster.RunFor(30 * Second);
        Assert.Equal(cluster[1].Self, Host(cluster));
    }

    [Fact]
    public void In_a_split_it_lives_on_one_side_only_at_any_time()
    {
        var cluster = Formed(seed: 8, nodes: 5);
        var most = 0;
        cluster.OnSingletonStarted = living => most = Math.Max(most, living);
        foreach (var here in new[] { 0, 1 })
        foreach (var there in new[] { 2, 3, 4 })
            cluster.Cut(here, there);

        cluster.RunUntil(c => c.SingletonHosts.SequenceEqual([c[2].Self]), 20 * Second, "it lives on the larger side");
        Assert.Equal(1, most);
    }

    private static UniqueAddress Host(SimulatedCluster cluster) => Assert.Single(cluster.SingletonHosts);

    private static SimulatedCluster Create(int seed, int nodes = 3) =>
        new(seed, nodes)
        {
            RemovalMargin = StableAfter,
            HandOverRetryInterval = Second / 2,
            Configure = options =>
                options with
                {
                    SplitBrain = new SplitBrainOptions(new KeepMajority(""), StableAfter, StableAfter * 3 / 4),
                },
        };

    /// <summary>One after the other, so that the first is the oldest.</summary>
    private static SimulatedCluster Formed(int seed, int nodes)
    {
        var cluster = Create(seed, nodes);
        for (var i = 0; i < nodes; i++)
        {
            cluster.Start(i);
            cluster.RunUntil(c => c.AllAgree(), Second, $"{i} is Up");
        }

        cluster.RunFor(2 * Second);
        Assert.Equal(cluster[0].Self, Host(cluster));
        return cluster;
    }
}
