using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace Failover.RemoteFuzz;

/// <summary>Starts the systems, lets the attackers loose on one of them, and looks what that did.</summary>
public static class FuzzRun
{
    private const int Attackers = 12;
    private const double WarmUp = 0.2;

    public static async Task<FuzzReport> RunAsync(FuzzOptions options)
    {
        var report = new FuzzReport(options);
        var systems = new FuzzSystems(options.Tls);
        await using (systems.ConfigureAwait(false))
        {
            var recordings = await Recording.MakeAsync(systems).ConfigureAwait(false);
            var live = await LiveTraffic.StartAsync(systems).ConfigureAwait(false);
            var log = new Log(systems.Victim);
            using var stop = new CancellationTokenSource(options.Duration);
            var traffic = live.RunAsync(stop.Token);
            var attacks = Enumerable
                .Range(0, Attackers)
                .Select(i => AttackAsync(systems, recordings, report, new Random(options.Seed + i * 7919), stop.Token))
                .ToArray();
            await MeasureAsync(report, options.Duration).ConfigureAwait(false);
            await Task.WhenAll(attacks).ConfigureAwait(false);
            await FinishAsync(traffic, report).ConfigureAwait(false);
            report.Memories.Add(Memory.Now("end"));

            report.MessagesSent = live.Sent;
            report.MessagesMissing = live.Missing;
            report.MessagesOutOfOrder = live.OutOfOrder;
            report.AssociationChanges = live.Changes;
            report.Dropped = FuzzSystems.RemotingOf(systems.Victim).RejectedSoFar;
            report.Warnings = log.Warnings;
            report.Failures.AddRange(log.Errors.Distinct());
            report.Judge();
        }

        return report;
    }

    private static async Task FinishAsync(Task traffic, FuzzReport report)
    {
        try
        {
            await traffic.ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            report.Failures.Add("the live traffic stopped");
        }
    }

    private static async Task MeasureAsync(FuzzReport report, TimeSpan duration)
    {
        await Task.Delay(duration * WarmUp).ConfigureAwait(false);
        report.Memories.Add(Memory.Now("after warm-up"));
        await Task.Delay(duration * (0.5 - WarmUp)).ConfigureAwait(false);
        report.Memories.Add(Memory.Now("middle"));
    }

    private static async Task AttackAsync(
        FuzzSystems systems,
        IReadOnlyList<Recording> recordings,
        FuzzReport report,
        Random random,
        CancellationToken stop
    )
    {
        // The caller goes on with its own work meanwhile.
        await Task.Yield();
        var inside = systems.Certificate;
        while (!stop.IsCancellationRequested)
        {
            var plan = new AttackPlan(systems, recordings, random);
            var (name, run) = Attacks.All[plan.Below(Attacks.All.Count)];
            // With TLS, some stay outside of it.
            var certificate = plan.OneIn(4) ? null : inside;
            var frames = 0L;
            try
            {
                var attacker = await Attacker.ConnectAsync(systems, certificate).ConfigureAwait(false);
                await using (attacker.ConfigureAwait(false))
                {
                    try
                    {
                        await run(attacker, plan).ConfigureAwait(false);
                    }
                    finally
                    {
                        frames = attacker.Frames;
                    }
                }
            }
            catch (Exception e) when (e is IOException or TimeoutException or ObjectDisposedException)
            {
                // It was thrown out, as it should be.
            }

            report.Count(name, frames);
        }
    }

    /// <summary>What the victim said of it.</summary>
    private sealed class Log
    {
        private long _warnings;

        public Log(ActorSystem system)
        {
            var reader = system.ActorOf(Props.Create(() => new Reader(this)));
            system.EventStream.Subscribe(reader, typeof(LogEvent));
        }

        public ConcurrentQueue<string> Errors { get; } = [];

        public long Warnings => Volatile.Read(ref _warnings);

        private sealed class Reader : ReceiveActor
        {
            public Reader(Log log)
            {
                Receive<Error>(error =>
                {
                    // A mutated message may happen to be the order to kill whom it is for.
                    if (error.Cause is not ActorKilledException)
                        log.Errors.Enqueue($"{error.Message} {error.Cause}");
                });
                Receive<Warning>(_ => Interlocked.Increment(ref log._warnings));
            }
        }
    }
}
