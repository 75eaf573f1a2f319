using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace Failover.Bench.Engine.Remote;

/// <summary>This process's actor system, connected to those of the others.</summary>
internal sealed class Workbench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MostAsksPerSecond = 2_000_000;

    private readonly ActorSystem _system;
    private readonly IReadOnlyList<IActorRef> _meters;
    private readonly IReadOnlyList<IActorRef> _echoes;
    private readonly IReadOnlyList<IActorRef> _pumps;
    private readonly TcpClient _raw;

    private Workbench(
        ActorSystem system,
        IReadOnlyList<IActorRef> meters,
        IReadOnlyList<IActorRef> echoes,
        IReadOnlyList<IActorRef> pumps,
        TcpClient raw
    )
    {
        _system = system;
        _meters = meters;
        _echoes = echoes;
        _pumps = pumps;
        _raw = raw;
    }

    public static async Task<Workbench> Start(IReadOnlyList<PeerProcess> peers)
    {
        var system = ActorSystem.Create("bench", PeerProcess.Settings);
        List<IActorRef> echoes = [];
        List<IActorRef> pumps = [];
        List<IActorRef> meters = [];
        foreach (var peer in peers)
        {
            echoes.Add(await Find(system, peer.Port, "echo").ConfigureAwait(false));
            meters.Add(await Find(system, peer.Port, "meter").ConfigureAwait(false));
            var sink = await Find(system, peer.Port, "sink").ConfigureAwait(false);
            pumps.Add(system.ActorOf(Props.Create(() => new Pump(sink))));
        }

        return new Workbench(system, meters, echoes, pumps, ConnectBlocking(peers[0].EchoPort));
    }

    /// <summary>Round trips of 100 bytes over a bare connection, one after the other.</summary>
    public Task<Measured> RawEcho(TimeSpan duration) =>
        Task.Run(async () =>
        {
            var stream = _raw.GetStream();
            var buffer = new byte[100];
            var taken = RoomFor(duration);
            var echoes = 0;
            var there = await AllocatedThere().ConfigureAwait(false);
            var here = GC.GetTotalAllocatedBytes(precise: true);
            var begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin) < duration)
            {
                var sent = Stopwatch.GetTimestamp();
                stream.Write(buffer);
                stream.ReadExactly(buffer);
                taken[echoes++] = Stopwatch.GetTimestamp() - sent;
            }

            var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            return await Result(echoes, seconds, taken, here, there).ConfigureAwait(false);
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
        var taken = RoomFor(duration);
        var asks = 0;
        var there = await AllocatedThere().ConfigureAwait(false);
        var here = GC.GetTotalAllocatedBytes(precise: true);

        var begin = Stopwatch.GetTimestamp();
        var askers = _echoes
            .Take(peers)
            .SelectMany(echo => Enumerable.Range(0, inFlight).Select(_ => Task.Run(() => AskInTurn(echo))));
        await Task.WhenAll(askers).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        return await Result(asks, seconds, taken, here, there).ConfigureAwait(false);

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

    /// <summary>Room for more than can be asked, so that keeping the figures allocates nothing while it is measured.</summary>
    private static long[] RoomFor(TimeSpan duration) => new long[(int)(MostAsksPerSecond * duration.TotalSeconds)];

    /// <param name="messages">How many were told, asked or echoed.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="taken">How long each of them took, in any order, and room behind them.</param>
    /// <param name="here">What had been allocated here before the first.</param>
    /// <param name="there">What had been allocated there.</param>
    private async Task<Measured> Result(int messages, double seconds, long[] taken, long here, long there)
    {
        var allocatedHere = GC.GetTotalAllocatedBytes(precise: true) - here;
        var allocatedThere = await AllocatedThere().ConfigureAwait(false) - there;
        var latencies = taken.Length == 0 ? taken : taken[..messages];
        Array.Sort(latencies);
        return new Measured(
            messages / seconds,
            latencies,
            (double)allocatedHere / messages,
            (double)allocatedThere / messages
        );
    }

    /// <summary>By all other processes.</summary>
    private async Task<long> AllocatedThere()
    {
        var each = _meters.Select(static meter => meter.Ask<long>("allocated", Patience));
        return (await Task.WhenAll(each).ConfigureAwait(false)).Sum();
    }

    /// <remarks>
    /// Never used asynchronously: a socket that once was takes detours in blocking calls, and the floor would be too high.
    /// </remarks>
    private static TcpClient ConnectBlocking(int port)
    {
        var client = new TcpClient { NoDelay = true };
        client.Connect(IPAddress.Loopback, port);
        return client;
    }

    private static async Task<IActorRef> Find(ActorSystem system, int port, string name) =>
        await system
            .ActorSelection($"akka.tcp://peer@127.0.0.1:{port}/user/{name}")
            .ResolveOne(Patience)
            .ConfigureAwait(false);

    private static int SizeOf(object message) => message is string text ? text.Length : ((byte[])message).Length;
}
