using System.Globalization;
using System.Text;

namespace Failover.Bench.Engine.Remote;

/// <summary>Measures every row several times, in turns, and prints the medians as a Markdown table.</summary>
internal static class RemoteRun
{
    private static readonly int[] PeerCounts = [1, 2, 4, 8];

    public static async Task<int> Print(RemoteOptions options)
    {
        var machine = Machine.Line;
        var peers = await PeerProcess.Start(PeerCounts.Max()).ConfigureAwait(false);
        await using (peers.ConfigureAwait(false))
        {
            using var bench = await Workbench.Start(peers).ConfigureAwait(false);
            var rows = Rows(bench)
                .Where(row => row.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
                .ToList();
            var warm = TimeSpan.FromSeconds(Math.Min(options.Seconds, 1));
            foreach (var row in rows)
                await row.Measure(warm).ConfigureAwait(false);

            var results = rows.ToDictionary(static row => row.Name, static _ => new List<Measured>());
            // In turns, so that what slows the machine for a while slows all rows.
            for (var run = 0; run < options.Runs; run++)
            {
                foreach (var row in rows)
                    results[row.Name]
                        .Add(await row.Measure(TimeSpan.FromSeconds(options.Seconds)).ConfigureAwait(false));
            }

            var text = new StringBuilder(machine)
                .AppendLine("<br>")
                .AppendLine(
                    CultureInfo.InvariantCulture,
                    $"Medians of {options.Runs} runs of {options.Seconds} s; in brackets the slowest and the fastest run.\n"
                )
                .AppendLine(Measured.Header);
            foreach (var row in rows)
                text.AppendLine(Measured.Line(row.Name, results[row.Name]));
            Figures.Publish("remote", text.ToString(), options.Into);
        }

        return 0;
    }

    private static IEnumerable<Row> Rows(Workbench bench)
    {
        yield return new Row("TCP echo, 100 B", bench.RawEcho);
        foreach (var (name, message) in Messages())
        {
            yield return new Row($"Tell, {name}", duration => bench.Tell(message, 1, duration));
            yield return new Row($"Ask, {name}, 1 in flight", duration => bench.Ask(message, 1, 1, duration));
            yield return new Row($"Ask, {name}, 32 in flight", duration => bench.Ask(message, 1, 32, duration));
        }

        var small = new byte[100];
        foreach (var count in PeerCounts.Skip(1))
        {
            yield return new Row($"Tell, byte[100], {count} peers", duration => bench.Tell(small, count, duration));
            yield return new Row(
                $"Ask, byte[100], {count} peers, 32 in flight each",
                duration => bench.Ask(small, count, 32, duration)
            );
        }
    }

    private static IEnumerable<(string Name, object Message)> Messages() =>
        [
            ("string of 100", new string('x', 100)),
            ("byte[100]", new byte[100]),
            ("string of 10 Ki", new string('x', 10 * 1024)),
            ("byte[10 Ki]", new byte[10 * 1024]),
        ];

    private sealed record Row(string Name, Func<TimeSpan, Task<Measured>> Measure);
}
