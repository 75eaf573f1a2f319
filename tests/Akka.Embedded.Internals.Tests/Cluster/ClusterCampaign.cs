using System.Diagnostics;
using Akka.Embedded.Internals.Tests.Cluster.Campaign;
using Xunit.Abstractions;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>
/// Kills, restarts, cuts, leaves and bad weather, drawn from seeds; the rules hold at every step, and when it is over everybody
/// agrees. A failure prints its seed, the shortest plan found that still fails, and the way to see it again.
/// </summary>
/// <remarks>
/// <c>CLUSTER_SEEDS=FROM-TO</c> in the environment chooses the seeds of
/// <see cref="After_the_faults_all_agree_and_no_rule_was_broken_fresh_seeds"/>; one seed alone is a range too.
/// </remarks>
public sealed class ClusterCampaign(ITestOutputHelper output)
{
    [Fact]
    public void After_the_faults_all_agree_and_no_rule_was_broken_known_seeds() =>
        RunAll([.. Enumerable.Range(2, 16), 134, 136]);

    [Fact]
    public void After_the_faults_all_agree_and_no_rule_was_broken_fresh_seeds()
    {
        var chosen = Environment.GetEnvironmentVariable("CLUSTER_SEEDS")?.Split('-').Select(int.Parse).ToArray();
        var first = chosen?[0] ?? Random.Shared.Next(1_000_000, int.MaxValue - 100);
        RunAll(Enumerable.Range(first, chosen is null ? 6 : chosen[^1] - first + 1));
    }

    private void RunAll(IEnumerable<int> seeds)
    {
        var (runs, doubled, split) = (0, 0, 0);
        var failed = new List<string>();
        foreach (var seed in seeds)
        {
            var run = CampaignRun.Of(CampaignPlan.Draw(seed));
            runs++;
            doubled += run.SingletonsDoubled;
            split += run.ClustersSplit;
            if (run.Violation is not null && failed.Count < 5)
                failed.Add(Explain(seed));
        }

        output.WriteLine(
            $"seeds={runs} violations={failed.Count} (in wild runs: {doubled} singletons doubled, {split} clusters split for good)"
        );
        Assert.True(failed.Count == 0, string.Join("\n\n", failed));
    }

    private static string Explain(int seed)
    {
        var plan = Shrink(CampaignPlan.Draw(seed));
        return $"{plan}\n{CampaignRun.Of(plan).Violation}\n"
            + $"again: CLUSTER_SEEDS={seed} dotnet test tests/Akka.Embedded.Internals.Tests --filter {nameof(ClusterCampaign)}";
    }

    /// <summary>Leaves faults out one by one as long as the run still fails.</summary>
    private static CampaignPlan Shrink(CampaignPlan plan)
    {
        var deadline = Stopwatch.StartNew();
        for (var i = plan.Faults.Length - 1; i >= 0; i--)
        {
            var shorter = plan with { Faults = plan.Faults.RemoveAt(i) };
            if (deadline.Elapsed < TimeSpan.FromSeconds(60) && CampaignRun.Of(shorter).Violation is not null)
                plan = shorter;
        }

        return plan;
    }
}
