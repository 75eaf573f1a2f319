namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>
/// Random kills, restarts, cuts, leaves and loss; when they stop, everybody must agree. A failure names its seed:
/// put it into the range of the theory to replay it.
/// </summary>
public sealed class ClusterSimulations
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_the_faults_stop_all_running_nodes_agree_on_members_and_leader(int seed)
    {
        var random = new Random(seed);
        var nodes = random.Next(3, seed % 6 == 0 ? 21 : 9);
        var cluster = new SimulatedCluster(seed, nodes) { Loss = random.NextDouble() * 0.05 };
        for (var i = 0; i < nodes; i++)
            cluster.Start(i);
        cluster.RunUntil(c => c.AllAgree(), TimeSpan.FromSeconds(60), $"seed {seed}: formation of {nodes}");

        for (var fault = 0; fault < 15; fault++)
        {
            Disturb(cluster, random, nodes);
            cluster.RunFor(TimeSpan.FromMilliseconds(random.Next(10, 4000)));
        }

        cluster.Heal();
        cluster.Loss = 0;
        for (var i = 0; i < nodes; i++)
            cluster.Start(i);
        cluster.RunUntil(c => c.AllAgree(), TimeSpan.FromSeconds(30), $"seed {seed}: agreement of {nodes}");
    }

    /// <summary>One seed always runs: the first one starts a second cluster, as documented, when no other is there.</summary>
    private static void Disturb(SimulatedCluster cluster, Random random, int nodes)
    {
        var i = random.Next(nodes);
        switch (random.Next(6))
        {
            case 0 when SeedsStayWithout(cluster, i):
                cluster.Kill(i);
                break;
            case 1 when SeedsStayWithout(cluster, i) && cluster.IsRunning(i):
                cluster.Leave(i);
                break;
            case 2:
                cluster.Cut(i, random.Next(nodes));
                break;
            case 3:
                cluster.Heal();
                break;
            case 4 when SeedsStayWithout(cluster, i):
                cluster.Kill(i);
                cluster.RunFor(TimeSpan.FromMilliseconds(100));
                Start(cluster, i);
                break;
            default:
                Start(cluster, i);
                break;
        }
    }

    /// <summary>A first seed that can reach no other starts a cluster of its own, as documented; so it is not cut off.</summary>
    private static void Start(SimulatedCluster cluster, int i)
    {
        if (i == 0)
            cluster.Heal();
        cluster.Start(i);
    }

    private static bool SeedsStayWithout(SimulatedCluster cluster, int i) =>
        i >= 3 || Enumerable.Range(0, 3).Any(seed => seed != i && cluster.IsRunning(seed) && cluster[seed].IsMember);
}
