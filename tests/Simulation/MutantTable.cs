using Failover.Core;
using Failover.Simulation.Scenarios;

namespace Failover.Simulation;

/// <summary>What each deliberate mistake breaks, and how many seeds it takes to notice: the table of docs/protocol.md.</summary>
internal sealed class MutantTable(ulong from, int seedsAtMost)
{
    private const int Starts = 5;
    private const ulong Apart = 1_000_003;

    /// <param name="Promise">The promise of docs/protocol.md that falls with the rule.</param>
    internal sealed record Mistake(string Name, string Breaks, string Promise);

    public static readonly IReadOnlyList<Mistake> Mistakes =
    [
        new("no-fencing", "a replica takes messages of an older epoch", "2"),
        new("ack-before-standby", "the primary does not wait for its in-sync standbys", "1"),
        new("no-barrier", "a new primary serves before an entry of its own epoch is committed", "1"),
        new("keep-diverged-tail", "a replica keeps entries that differ from its primary's", "1, 4"),
        new("forget-promise", "a voter forgets across a restart what it promised and accepted", "2"),
        new("vote-without-memory", "a voter whose directory was lost votes as if it had never voted", "1, 2"),
        new("ignore-grant", "a voter deposes a primary whose lease it has granted", "1 (reads), 2"),
        new("stale-read", "a primary answers reads without its lease", "1 (reads)"),
        new("forget-session", "a retried request is carried out again", "3"),
        new("forget-eviction", "a retry of a client that was forgotten is taken for a new request", "3"),
        new("serve-before-catch-up", "a replica counts as in sync before it holds what is committed", "1, 4"),
        new("shrink-before-commit", "the primary stops waiting for a replica before the register knows", "1"),
        new(
            "naive-voters",
            "a change of voters counts the new list at once, and builds on what may not be committed",
            "2"
        ),
        new("outdated-electorate", "a proposer counts the voters it knew, not those of the state it reads", "2"),
        new(
            "settle-early",
            "the former voters are forgotten while a primary may still count their grants",
            "1 (reads), 2"
        ),
        new("answers-only", "a node that claims nothing is heard only by those whose claims it answers", "liveness"),
    ];

    /// <returns>Whether each was noticed from each start.</returns>
    public bool Print(TextWriter to)
    {
        to.WriteLine("| mutant | the mistake | promise | seeds to notice it, median | worst | noticed as |");
        to.WriteLine("|---|---|---|---|---|---|");
        var all = true;
        foreach (var mistake in Mistakes)
        {
            var noticed = Enumerable.Range(0, Starts).Select(i => SeedsUntil(mistake.Name, from + ((ulong)i * Apart)));
            var sorted = noticed.OrderBy(n => n.Seeds).ToArray();
            all &= Array.TrueForAll(sorted, n => n.Rule is not null);
            var rules = sorted.Select(n => n.Rule ?? "not").Distinct();
            to.WriteLine(
                $"| `{mistake.Name}` | {mistake.Breaks} | {mistake.Promise} | {Show(sorted[Starts / 2])} | {Show(sorted[^1])} | {string.Join("; ", rules)} |"
            );
        }

        return all;
    }

    private string Show((int Seeds, string? Rule) noticed) =>
        noticed.Rule is null ? $"not within {seedsAtMost}" : $"{noticed.Seeds}";

    /// <summary>How many seeds until the first that breaks a promise, that one included.</summary>
    private (int Seeds, string? Rule) SeedsUntil(string mutant, ulong start)
    {
        var batch = Environment.ProcessorCount * 4;
        for (var done = 0; done < seedsAtMost; done += batch)
        {
            var rules = new string?[Math.Min(batch, seedsAtMost - done)];
            Parallel.For(
                0,
                rules.Length,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                i => rules[i] = Campaign.Run(Scenario.FromSeed(start + (ulong)(done + i)), mutant).Rule
            );
            var first = Array.FindIndex(rules, r => r is not null);
            if (first >= 0)
                return (done + first + 1, rules[first]);
        }

        return (int.MaxValue, null);
    }
}
