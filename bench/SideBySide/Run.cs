using System.Globalization;
using System.Text;
using Failover.Bench.Engine;
using Failover.Bench.SideBySide.Contenders;
using Failover.Bench.SideBySide.Measures;

namespace Failover.Bench.SideBySide;

/// <summary>One run: who is there takes part, one after the other, and tables say what came of it.</summary>
internal sealed class Run(Order order, string directory, TextWriter progress, CancellationToken stop)
{
    private const int UsualLosses = 5;
    private const int UsualStretches = 3;

    private readonly Entrants _entrants = new(directory);
    private bool _complete = true;

    /// <returns>Whether everybody who is installed came through.</returns>
    public async Task<bool> All()
    {
        Publish("side by side: machine", Preface());
        if (order.Asks("kill"))
            await Lose(Loss.Kill, "kill", "The leader's process is killed (SIGKILL)").ConfigureAwait(false);
        if (order.Asks("freeze"))
            await Lose(Loss.Freeze, "freeze", "The leader's process is frozen (SIGSTOP)").ConfigureAwait(false);
        if (order.Asks("throughput"))
        {
            await Write(_entrants.OnDisk, "disk", "Replicated and on disk").ConfigureAwait(false);
            await Write(_entrants.InMemory, "memory", "Replicated, in memory").ConfigureAwait(false);
        }

        return _complete;
    }

    private async Task Lose(Loss loss, string name, string title)
    {
        var rounds = order.Rounds ?? UsualLosses;
        var table = new Table("who", "rounds", "p50", "max", "acknowledged", "lost");
        await Each(
                _entrants.ForLosses,
                name,
                async (entrant, contender) =>
                {
                    var result = await Losses.Run(contender, loss, rounds, stop).ConfigureAwait(false);
                    table.Add(
                        entrant.Name,
                        Text(rounds),
                        Milliseconds(Quantile.Of(result.Gaps, 0.5)),
                        Milliseconds(result.Gaps.Max()),
                        Text(result.Acknowledged),
                        Text(result.Missing)
                    );
                },
                (entrant, why) => table.Add(entrant.Name, Text(0), why, "", "", "")
            )
            .ConfigureAwait(false);
        Publish(
            $"side by side: {name}",
            $"{title}: time to the next acknowledged write, and acknowledged writes lost.\n\n{table}"
        );
    }

    private async Task Write(Entrant[] entrants, string name, string title)
    {
        var rounds = order.Rounds ?? UsualStretches;
        var table = new Table(
            "who",
            "writes/s",
            "p50",
            "p99",
            "servers' CPU per write",
            "clients' CPU per write",
            "refused"
        );
        await Each(
                entrants,
                name,
                async (entrant, contender) =>
                {
                    var results = await Throughput.Run(contender, rounds, stop).ConfigureAwait(false);
                    table.Add(
                        entrant.Name,
                        Quantile
                            .Of(results.Select(r => r.WritesPerSecond), 0.5)
                            .ToString("N0", CultureInfo.InvariantCulture),
                        Fine(Quantile.Of(results.Select(r => r.Median), 0.5)),
                        Fine(Quantile.Of(results.Select(r => r.Percentile99), 0.5)),
                        Microseconds(Quantile.Of(results.Select(r => r.ServersCpu), 0.5)),
                        Microseconds(Quantile.Of(results.Select(r => r.ClientsCpu), 0.5)),
                        Text(results.Sum(r => r.Refused))
                    );
                },
                (entrant, why) => table.Add(entrant.Name, why, "", "", "", "", "")
            )
            .ConfigureAwait(false);
        Publish(
            $"side by side: {name}",
            $"{title}: {Throughput.Clients} clients that write to the leader without pause, values of {Throughput.ValueLength} bytes, {Throughput.Keys} keys; medians of {rounds} times {Throughput.Stretch.TotalSeconds:0} s.\n\n{table}"
        );
    }

    /// <summary>Runs what is installed and names what is not. Whoever fails is shown as failed, and the next one follows.</summary>
    private async Task Each(
        Entrant[] entrants,
        string measure,
        Func<Entrant, Contender, Task> run,
        Action<Entrant, string> without
    )
    {
        foreach (var entrant in entrants.Where(Chosen))
        {
            if (entrant.Program is { } program && !Machine.Has(program))
            {
                without(entrant, "not installed");
                continue;
            }

            stop.ThrowIfCancellationRequested();
            progress.WriteLine($"{measure}: {entrant.Name} …");
            var contender = entrant.Make(stop);
            await using (contender.ConfigureAwait(false))
            {
                try
                {
                    await contender.Start().ConfigureAwait(false);
                    await run(entrant, contender).ConfigureAwait(false);
                }
                catch (Exception failed) when (failed is not OperationCanceledException)
                {
                    _complete = false;
                    progress.WriteLine($"{entrant.Name} failed: {failed.Message}\n{contender.LastWords()}");
                    without(entrant, "failed");
                }
            }
        }
    }

    private bool Chosen(Entrant entrant) =>
        order.Only is null || entrant.Name.Contains(order.Only, StringComparison.OrdinalIgnoreCase);

    /// <summary>Where, with what, and with which settings: nothing that matters for a figure is left out.</summary>
    private string Preface()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Line(directory)}\n\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"Losses: {Writers.Hasty} clients that ask another server after {Writers.HastyAttempt.TotalMilliseconds:0} ms without an answer, and {Writers.Patient} that begin at the leader and do so after {Writers.PatientAttempt.TotalSeconds:0} s; each writes a new key {Writers.Pause.TotalMilliseconds:0} ms after the last was acknowledged.\n\n"
        );
        AddSettings(text, "losses", _entrants.ForLosses);
        AddSettings(text, "disk", _entrants.OnDisk);
        AddSettings(text, "memory", _entrants.InMemory);
        foreach (var missing in Programs().Where(e => !Machine.Has(e.Program!)))
            text.Append(
                CultureInfo.InvariantCulture,
                $"- **{missing.Program} is not installed, so it is skipped**: `{missing.Install}`\n"
            );
        return text.ToString();
    }

    private void AddSettings(StringBuilder text, string measure, Entrant[] entrants)
    {
        foreach (var entrant in entrants.Where(Chosen))
        {
            var version =
                entrant.Program is { } program && Machine.Has(program)
                    ? $" ({program} {Machine.VersionOf(program)})"
                    : "";
            text.Append(CultureInfo.InvariantCulture, $"- {measure}, {entrant.Name}{version}: {entrant.Settings}\n");
        }
    }

    private IEnumerable<Entrant> Programs() =>
        _entrants.ForLosses.Where(e => e.Program is not null && Chosen(e)).DistinctBy(e => e.Program);

    private void Publish(string name, string text) => Figures.Publish(name, text, order.Document);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");

    private static string Fine(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static string Microseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} µs");
}
