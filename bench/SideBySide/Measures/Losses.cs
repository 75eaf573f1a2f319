using System.Diagnostics;
using Failover.Bench.SideBySide.Contenders;
using Failover.Formation;

namespace Failover.Bench.SideBySide.Measures;

/// <summary>How whoever takes the writes is lost.</summary>
internal enum Loss
{
    /// <summary>SIGKILL: its host tells that the process is gone.</summary>
    Kill,

    /// <summary>SIGSTOP: nothing tells, as when a machine is cut off or stands still.</summary>
    Freeze,
}

/// <summary>What the losses of one contender showed.</summary>
/// <param name="Gaps">From each signal to the first write acknowledged by a successor.</param>
/// <param name="Missing">Acknowledged writes that the successor does not have.</param>
internal sealed record LossResult(IReadOnlyList<TimeSpan> Gaps, int Acknowledged, int Missing);

/// <summary>Loses a contender's leader again and again while clients write, and looks for what was acknowledged.</summary>
internal static class Losses
{
    /// <summary>
    /// How long clients write before a loss, at least: whoever leads has done so for a while (ours replaces a primary that fails
    /// as soon as it was promoted more slowly, on purpose).
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(700);

    /// <summary>Added at random, so that rounds do not all fall on the same point between two heartbeats.</summary>
    private static readonly TimeSpan Phase = TimeSpan.FromMilliseconds(300);

    /// <summary>How long clients go on after the first new acknowledgement; and then with a frozen process that goes on.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromMilliseconds(300);

    public static async Task<LossResult> Run(Contender contender, Loss loss, int rounds, CancellationToken stop)
    {
        var gaps = new List<TimeSpan>();
        var (acknowledged, missing) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var leader = await contender.Leader().ConfigureAwait(false);
            await using var writers = new Writers(contender, leader);
            await writers.FirstAfter(rule: null, stop).ConfigureAwait(false);
            await Task.Delay(Settled + (Random.Shared.NextDouble() * Phase), stop).ConfigureAwait(false);
            gaps.Add(await Lose(contender, leader, loss, writers, stop).ConfigureAwait(false));

            await writers.Stop().ConfigureAwait(false);
            acknowledged += writers.Acknowledged.Count;
            missing += await contender.Missing(writers.Acknowledged, leader).ConfigureAwait(false);
            if (round < rounds - 1)
                await contender.Heal(leader, loss == Loss.Kill).ConfigureAwait(false);
        }

        return new LossResult(gaps, acknowledged, missing);
    }

    private static async Task<TimeSpan> Lose(
        Contender contender,
        int leader,
        Loss loss,
        Writers writers,
        CancellationToken stop
    )
    {
        var process = contender.ProcessOf(leader);
        var rule = writers.Rule;
        var lostAt = Stopwatch.GetTimestamp();
        if (loss == Loss.Kill)
            ProcessSignal.Kill(process);
        else
            ProcessSignal.Freeze(process);
        long firstAt;
        try
        {
            firstAt = await writers.FirstAfter(rule, stop).ConfigureAwait(false);
            await Task.Delay(Aftermath, stop).ConfigureAwait(false);
        }
        finally
        {
            if (loss == Loss.Freeze)
                ProcessSignal.Thaw(process);
        }

        if (loss == Loss.Freeze)
            await Task.Delay(Aftermath, stop).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(lostAt, firstAt);
    }
}
