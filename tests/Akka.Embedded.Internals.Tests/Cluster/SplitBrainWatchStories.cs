using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Gossiping;
using Akka.Cluster.SBR;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>When a split is decided, told from the leader of the larger side: nodes 1, 2 and 3 of five.</summary>
public sealed class SplitBrainWatchStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly UniqueAddress[] Nodes = [.. Enumerable.Range(1, 5).Select(Node)];

    private readonly SplitBrainWatch _watch = new(new KeepMajority(""), 20 * Second, 15 * Second, Nodes[0]);
    private Gossip _gossip = Nodes.Aggregate(Gossip.Empty, (all, node) => all.With(Up(node))).OnlySeenBy(Nodes[0]);
    private TimeSpan _now;

    [Fact]
    public void A_split_is_decided_when_it_has_been_the_same_for_stable_after()
    {
        Suspect(1, 4);
        Suspect(1, 5);

        Assert.Equal(20 * Second, _watch.NextDeadline);
        Assert.Empty(DecidedAt(19.9));
        Assert.Equal([Nodes[3], Nodes[4]], DecidedAt(20));
    }

    [Fact]
    public void Whoever_falls_silent_in_the_meantime_starts_the_wait_anew()
    {
        Suspect(1, 4);
        At(10);
        Suspect(1, 5);

        Assert.Empty(DecidedAt(29.9));
        Assert.Equal([Nodes[3], Nodes[4]], DecidedAt(30));
    }

    [Fact]
    public void One_more_observer_of_the_same_silence_does_not()
    {
        Suspect(1, 4);
        At(10);
        Suspect(2, 4);

        Assert.Equal([Nodes[3]], DecidedAt(20));
    }

    [Fact]
    public void A_split_that_heals_in_time_is_forgotten()
    {
        Suspect(1, 4);
        At(10);
        Trust(1, 4);
        Assert.Null(_watch.NextDeadline);
        At(15);
        Suspect(1, 4);

        Assert.Empty(DecidedAt(34.9));
        Assert.Equal([Nodes[3]], DecidedAt(35));
    }

    [Fact]
    public void A_member_that_joins_or_becomes_weakly_up_does_not_either()
    {
        Suspect(1, 4);
        At(10);
        Observe(_gossip.With(Member.Joining(Node(6), [], AppVersion.Zero)));
        At(15);
        Observe(_gossip.With(_gossip.Members[Node(6)].Copy(MemberStatus.WeaklyUp)));

        Assert.Equal([Nodes[3]], DecidedAt(20));
    }

    [Fact]
    public void A_member_that_goes_starts_the_wait_anew()
    {
        Suspect(1, 4);
        At(10);
        Observe(_gossip.Remove(Nodes[4], new Tombstone(0, MemberStatus.Exiting)));

        Assert.Empty(DecidedAt(29.9));
        Assert.Equal([Nodes[3]], DecidedAt(30));
    }

    [Fact]
    public void After_a_rest_of_twice_stable_after_unrest_is_measured_anew()
    {
        Suspect(1, 4);
        At(50);
        Suspect(1, 5);

        Assert.Equal(70 * Second, _watch.NextDeadline);
        Assert.Empty(DecidedAt(60));
        Assert.Equal([Nodes[3], Nodes[4]], DecidedAt(70));
    }

    [Fact]
    public void A_split_that_never_rests_is_decided_too_then_everybody_goes()
    {
        for (var i = 0; i < 7; i++)
        {
            At(5 * i);
            Suspect(1, 4);
            At(5 * i + 2);
            Suspect(1, 5);
            Trust(1, 4);
        }

        Assert.Equal(35 * Second, _watch.NextDeadline);
        Assert.Empty(DecidedAt(34.9));
        Assert.Equal(Nodes, DecidedAt(35));
    }

    [Fact]
    public void Without_down_all_when_unstable_it_waits_for_rest()
    {
        var watch = new SplitBrainWatch(new KeepMajority(""), 20 * Second, null, Nodes[0]);
        var silent = _gossip.With(_gossip.Reachability.Suspect(Nodes[0], Nodes[3])).OnlySeenBy(Nodes[0]);
        watch.Observe(new ClusterView(silent, Nodes[0]), TimeSpan.Zero);
        var more = silent.With(silent.Reachability.Suspect(Nodes[0], Nodes[4])).OnlySeenBy(Nodes[0]);
        watch.Observe(new ClusterView(more, Nodes[0]), 100 * Second);

        Assert.Empty(watch.Decide(new ClusterView(more, Nodes[0]), 119 * Second));
        Assert.Equal([Nodes[3], Nodes[4]], watch.Decide(new ClusterView(more, Nodes[0]), 120 * Second).ToArray());
    }

    [Fact]
    public void Only_the_leader_of_a_side_decides()
    {
        var watch = new SplitBrainWatch(new KeepMajority(""), 20 * Second, null, Nodes[1]);
        var silent = _gossip.With(_gossip.Reachability.Suspect(Nodes[1], Nodes[3])).OnlySeenBy(Nodes[1]);
        watch.Observe(new ClusterView(silent, Nodes[1]), TimeSpan.Zero);

        Assert.Empty(watch.Decide(new ClusterView(silent, Nodes[1]), 30 * Second));
    }

    [Fact]
    public void Nothing_is_decided_before_anybody_is_up()
    {
        _gossip = Nodes
            .Aggregate(Gossip.Empty, (all, node) => all.With(Member.Joining(node, [], AppVersion.Zero)))
            .OnlySeenBy(Nodes[0]);
        Suspect(1, 4);

        Assert.Empty(DecidedAt(100));
    }

    [Fact]
    public void The_ends_of_a_broken_link_between_connected_members_go_and_only_they()
    {
        Suspect(2, 3);
        Suspect(3, 2);
        Observe(Nodes.Aggregate(_gossip, (all, node) => all.SeenBy(node)));

        Assert.Equal([Nodes[1], Nodes[2]], DecidedAt(20));
    }

    [Theory]
    [InlineData("20s", "on", 15.0)]
    [InlineData("2s", "on", 4.0)]
    [InlineData("20s", "7s", 7.0)]
    [InlineData("20s", "off", null)]
    public void Down_all_when_unstable_is_on_off_or_a_time(string stableAfter, string unstable, double? seconds)
    {
        var options = SplitBrainResolverProvider.Read(
            ConfigurationFactory.ParseString(
                $"active-strategy = keep-majority, stable-after = {stableAfter}, down-all-when-unstable = {unstable}"
            )
        );

        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, options.DownAllWhenUnstable);
    }

    [Theory]
    [InlineData("active-strategy = keep-referee", "keep-referee")]
    [InlineData("active-strategy = static-quorum, static-quorum.quorum-size = undefined", "quorum-size")]
    [InlineData("active-strategy = static-quorum, static-quorum.quorum-size = 0", "quorum-size")]
    public void A_strategy_that_cannot_work_is_refused_by_name(string hocon, string named)
    {
        var config = ConfigurationFactory.ParseString($"stable-after = 20s, {hocon}");

        Assert.Contains(
            named,
            Assert.Throws<ConfigurationException>(() => SplitBrainResolverProvider.Read(config)).Message
        );
    }

    private void At(double seconds) => _now = TimeSpan.FromSeconds(seconds);

    private void Suspect(int observer, int subject) =>
        Observe(_gossip.With(_gossip.Reachability.Suspect(Node(observer), Node(subject))));

    private void Trust(int observer, int subject) =>
        Observe(_gossip.With(_gossip.Reachability.Trust(Node(observer), Node(subject))));

    /// <summary>The three of this side have seen it.</summary>
    private void Observe(Gossip gossip)
    {
        _gossip = Nodes.Take(3).Aggregate(gossip, (all, node) => all.SeenBy(node));
        _watch.Observe(new ClusterView(_gossip, Nodes[0]), _now);
    }

    private UniqueAddress[] DecidedAt(double seconds) =>
        [.. _watch.Decide(new ClusterView(_gossip, Nodes[0]), TimeSpan.FromSeconds(seconds))];

    private static UniqueAddress Node(int i) => new(new Address("akka.tcp", "sim", "127.0.0.1", 4000 + i), i);

    private static Member Up(UniqueAddress node) => Member.Joining(node, [], AppVersion.Zero).CopyUp(node.Uid);
}
