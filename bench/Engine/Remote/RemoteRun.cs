using System.Globalization;
using System.Text;

namespace Failover.Bench.Engine.Remote;

/// <summary>Measures every row several times, in turns, and prints the medians as a Markdown table.</summary>
internal static class RemoteRun
{
    private static readonly (string Name, object Message)[] Bytes =
    [
        ("byte[100]", new byte[100]),
        ("byte[10 Ki]", new byte[10 * 1024]),
    ];

    private static readonly (string Name, object Message)[] Texts =
    [
        ("string of 100", new string('x', 100)),
        ("string of 10 Ki", new string('x', 10 * 1024)),
    ];

    /// <param name="table">Its name in the document.</param>
    /// <param name="rowsFor">Its rows for so many peers.</param>
    /// <param name="peerCounts">How many peers, ascending; each is a process.</param>
    /// <param name="options">How long and how often.</param>
    public static async Task<int> Print(
        string table,
        Func<Workbench, int, IEnumerable<Row>> rowsFor,
        IReadOnlyList<int> peerCounts,
        RemoteOptions options
    )
    {
        var machine = Machine.Line;
        var peers = await Task.WhenAll(Enumerable.Range(0, peerCounts[^1]).Select(_ => PeerProcess.Start()))
            .ConfigureAwait(false);
        using (var bench = await Workbench.Start(peers).ConfigureAwait(false))
        {
            var rows = peerCounts
                .SelectMany(count => rowsFor(bench, count))
                .Where(row => row.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
                .ToList();
            var results = await Measure(rows, options).ConfigureAwait(false);

            var text = new StringBuilder(machine)
                .AppendLine("<br>")
                .AppendLine(
                    CultureInfo.InvariantCulture,
                    $"Medians of {options.Runs} runs of {options.Seconds} s; in brackets the slowest and the fastest run.\n"
                )
                .AppendLine(Measured.Header);
            foreach (var row in rows)
                text.AppendLine(Measured.Line(row.Name, results[row.Name]));
            Figures.Publish(table, text.ToString(), options.Into);
        }

        foreach (var peer in peers)
            await peer.DisposeAsync().ConfigureAwait(false);
        return 0;
    }

    /// <summary>Every kind of message, with one other process, and the floor.</summary>
    public static IEnumerable<Row> TwoProcesses(Workbench bench, int peers)
    {
        yield return new Row("TCP echo, 100 B", bench.RawEcho);
        foreach (var (name, message) in new[] { Texts[0], Bytes[0], Texts[1], Bytes[1] })
        {
            yield return new Row($"Tell, {name}", duration => bench.Tell(message, peers, duration));
            foreach (var inFlight in new[] { 1, 32 })
            {
                yield return new Row(
                    $"Ask, {name}, {inFlight} in flight",
                    duration => bench.Ask(message, peers, inFlight, duration)
                );
            }
        }
    }

    /// <summary>The same messages to several processes at once.</summary>
    public static IEnumerable<Row> ManyPeers(Workbench bench, int peers)
    {
        var to = peers == 1 ? "1 peer" : $"{peers} peers";
        foreach (var (name, message) in Bytes)
        {
            yield return new Row($"Tell, {name}, {to}", duration => bench.Tell(message, peers, duration));
            foreach (var inFlight in new[] { 1, 32 })
            {
                yield return new Row(
                    $"Ask, {name}, {to}, {inFlight} in flight each",
                    duration => bench.Ask(message, peers, inFlight, duration)
                );
            }
        }
    }

    private static async Task<Dictionary<string, List<Measured>>> Measure(
        IReadOnlyList<Row> rows,
        RemoteOptions options
    )
    {
        var warm = TimeSpan.FromSeconds(Math.Min(options.Seconds, 1));
        foreach (var row in rows)
            await row.Measure(warm).ConfigureAwait(false);

        var results = rows.ToDictionary(static row => row.Name, static _ => new List<Measured>());
        // In turns, so that what slows the machine for a while slows all rows.
        for (var run = 0; run < options.Runs; run++)
        {
            foreach (var row in rows)
                results[row.Name].Add(await row.Measure(TimeSpan.FromSeconds(options.Seconds)).ConfigureAwait(false));
        }

        return results;
    }

    internal sealed record Row(string Name, Func<TimeSpan, Task<Measured>> Measure);
}
