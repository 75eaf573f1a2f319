using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Detection;
using Akka.Cluster.Gossiping;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>Two nodes that watch each other, and when silence is judged.</summary>
public sealed class HeartbeatMonitorStories
{
    private static readonly DetectionOptions Options = new();
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Silence_is_suspect_at_the_predicted_instant_and_not_before()
    {
        var phi = new PhiAccrual(Options, Second);
        for (var i = 1; i < 20; i++)
            phi.Heard(i * Second);

        var suspect = phi.SuspectAt;

        Assert.True(phi.IsAvailable(suspect - TimeSpan.FromMilliseconds(1)));
        Assert.False(phi.IsAvailable(suspect + TimeSpan.FromMilliseconds(1)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(3)]
    [InlineData(15)]
    public void The_prediction_follows_the_threshold(double threshold)
    {
        var phi = new PhiAccrual(Options with { Threshold = threshold }, Second);

        Assert.Equal(threshold, phi.Phi(phi.SuspectAt), tolerance: 0.01);
    }

    [Fact]
    public void A_quiet_cluster_exchanges_one_question_and_one_answer_for_each_pair_and_interval()
    {
        var cluster = Formed();
        var before = cluster.MessagesSent;

        cluster.RunFor(10 * Second);

        Assert.InRange(cluster.MessagesSent - before, 3 * 2 * 9, 3 * 2 * 11);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Who_cannot_be_told_or_cannot_answer_is_unreachable_to_both(int from, int to)
    {
        var cluster = Formed();

        cluster.CutOneWay(from, to);

        cluster.RunUntil(
            c => Suspects(c[from], c[to].Self) && Suspects(c[to], c[from].Self),
            10 * Second,
            "both suspect each other"
        );
        cluster.Heal();
        cluster.RunUntil(c => c.AllAgree(), 10 * Second, "both are reachable again");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Silence_is_noticed_as_soon_by_who_asks_as_by_who_is_asked(int victim)
    {
        var cluster = Formed();
        cluster.RunFor(20 * Second);

        cluster.Kill(victim);

        // 3 s that are acceptable, one interval, and what φ = 8 takes beyond.
        cluster.RunUntil(
            c => c.Running.All(node => Suspects(node, c[victim].Self)),
            TimeSpan.FromSeconds(5),
            "suspected by both others"
        );
    }

    private static bool Suspects(Akka.Cluster.Node.ClusterNode node, UniqueAddress other) =>
        node.View.Gossip.Reachability.Suspects(node.Self, other);

    private static SimulatedCluster Formed()
    {
        var cluster = new SimulatedCluster(seed: 11, nodes: 3) { Configure = o => o with { Detection = Options } };
        for (var i = 0; i < 3; i++)
            cluster.Start(i);
        cluster.RunUntil(c => c.AllAgree(), Second, "formed");
        cluster.RunFor(5 * Second);
        return cluster;
    }
}
