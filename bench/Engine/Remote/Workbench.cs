using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Failover.Bench.Engine.Remote;

/// <summary>This process's actor system, connected to those of the other one.</summary>
internal sealed class Workbench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MostAsksPerSecond = 2_000_000;

    private readonly ActorSystem _system;
    private readonly IActorRef _meter;
    private readonly IReadOnlyList<IActorRef> _echoes;
    private readonly IReadOnlyList<IActorRef> _pumps;
    private readonly TcpClient _raw;

    private Workbench(
        ActorSystem system,
        IActorRef meter,
        IReadOnlyList<IActorRef> echoes,
        IReadOnlyList<IActorRef> pumps,
        TcpClient raw
    )
    {
        _system = system;
        _meter = meter;
        _echoes = echoes;
        _pumps = pumps;
        _raw = raw;
    }

    public static async Task<Workbench> Start(PeerProcess peers)
    {
        var system = ActorSystem.Create("bench", PeerProcess.Settings);
        List<IActorRef> echoes = [];
        List<IActorRef> pumps = [];
        foreach (var port in peers.Ports)
        {
            echoes.Add(await Find(system, port, "echo").ConfigureAwait(false));
            var sink = await Find(system, port, "sink").ConfigureAwait(false);
            pumps.Add(system.ActorOf(Props.Create(() => new Pump(sink))));
        }

        var meter = await Find(system, peers.Ports[0], "meter").ConfigureAwait(false);
        var raw = new TcpClient { NoDelay = true };
        await raw.ConnectAsync(IPAddress.Loopback, peers.EchoPort).ConfigureAwait(false);
        return new Workbench(system, meter, echoes, pumps, raw);
    }

    /// <summary>Round trips of 100 bytes over a bare connection, one after the other.</summary>
    public Task<Measured> RawEcho(TimeSpan duration) =>
        Task.Run(() =>
        {
            var stream = _raw.GetStream();
            var buffer = new byte[100];
            List<long> latencies = [];
            var begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin) < duration)
            {
                var sent = Stopwatch.GetTimestamp();
                stream.Write(buffer);
                stream.ReadExactly(buffer);
                latencies.Add(Stopwatch.GetTimestamp() - sent);
            }

            var rate = latencies.Count / Stopwatch.GetElapsedTime(begin).TotalSeconds;
            return new Measured(rate, [.. latencies.Order()], double.NaN, double.NaN);
        });

    /// <summary>Tells as many messages as the peers take, a bounded number ahead of them.</summary>
    public async Task<Measured> Tell(object message, int peers, TimeSpan duration)
    {
        // Enough to keep both processes busy, little enough for the buffers of either engine.
        var ahead = Math.Clamp(8 * 1024 * 1024 / SizeOf(message), 2 * Sink.Batch, 20_000);
        var bursts = Enumerable.Range(0, peers).Select(_ => new Pump.Burst(message, ahead)).ToList();
        var there = await AllocatedThere().ConfigureAwait(false);
        var here = GC.GetTotalAllocatedBytes(precise: true);

        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < peers; i++)
            _pumps[i].Tell(bursts[i], ActorRefs.NoSender);
        await Task.Delay(duration).ConfigureAwait(false);
        bursts.ForEach(static burst => burst.End());
        var sent = await Task.WhenAll(bursts.Select(static burst => burst.Finished)).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        return await Result(sent.Sum(), seconds, [], here, there).ConfigureAwait(false);
    }

    /// <summary>Asks <paramref name="inFlight"/> questions at a time of each peer.</summary>
    public async Task<Measured> Ask(object message, int peers, int inFlight, TimeSpan duration)
    {
        // Room for more than can be asked, so that keeping the figures allocates nothing while it is measured.
        var taken = new long[(int)(MostAsksPerSecond * duration.TotalSeconds)];
        var asks = 0;
        var there = await AllocatedThere().ConfigureAwait(false);
        var here = GC.GetTotalAllocatedBytes(precise: true);

        var begin = Stopwatch.GetTimestamp();
        var askers = _echoes
            .Take(peers)
            .SelectMany(echo => Enumerable.Range(0, inFlight).Select(_ => Task.Run(() => AskInTurn(echo))));
        await Task.WhenAll(askers).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        var result = await Result(asks, seconds, taken[..asks], here, there).ConfigureAwait(false);
        Array.Sort(result.Latencies);
        return result;

        async Task AskInTurn(IActorRef echo)
        {
            while (Stopwatch.GetElapsedTime(begin) < duration)
            {
                var asked = Stopwatch.GetTimestamp();
                await echo.Ask<object>(message, Patience).ConfigureAwait(false);
                taken[Interlocked.Increment(ref asks) - 1] = Stopwatch.GetTimestamp() - asked;
            }
        }
    }

    public void Dispose()
    {
        _raw.Dispose();
        _system.Terminate().Wait(Patience);
    }

    private async Task<Measured> Result(int messages, double seconds, long[] latencies, long here, long there)
    {
        var allocatedHere = GC.GetTotalAllocatedBytes(precise: true) - here;
        var allocatedThere = await AllocatedThere().ConfigureAwait(false) - there;
        return new Measured(
            messages / seconds,
            latencies,
            (double)allocatedHere / messages,
            (double)allocatedThere / messages
        );
    }

    private Task<long> AllocatedThere() => _meter.Ask<long>("allocated", Patience);

    private static async Task<IActorRef> Find(ActorSystem system, int port, string name) =>
        await system
            .ActorSelection($"akka.tcp://peer@127.0.0.1:{port}/user/{name}")
            .ResolveOne(Patience)
            .ConfigureAwait(false);

    private static int SizeOf(object message) => message is string text ? text.Length : ((byte[])message).Length;
}
