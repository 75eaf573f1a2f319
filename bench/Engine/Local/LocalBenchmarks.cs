using Akka.Actor;
using Akka.Configuration;
using BenchmarkDotNet.Attributes;

namespace Failover.Bench.Engine.Local;

/// <summary>Messages within one process. One operation is one message told, or one question answered.</summary>
public class LocalBenchmarks
{
    private const int Tells = 2_000_000;
    private const int Asks = 200_000;
    private const int InFlight = 32;

    private static readonly object Message = new();

    private ActorSystem _system = null!;
    private IActorRef _counter = null!;
    private IActorRef _echo = null!;
    private IActorRef _pingPong = null!;

    [GlobalSetup]
    public void Start()
    {
        _system = ActorSystem.Create("bench", ConfigurationFactory.ParseString("akka.loglevel = WARNING"));
        _counter = _system.ActorOf(Props.Create(() => new Counter()), "counter");
        _echo = _system.ActorOf(Props.Create(() => new Echo()), "echo");
        _pingPong = _system.ActorOf(Props.Create(() => new Pinger(_echo)), "pinger");
    }

    [GlobalCleanup]
    public Task Stop() => _system.Terminate();

    /// <summary>One thread tells one actor as fast as it can; over when the actor has handled the last message.</summary>
    [Benchmark(OperationsPerInvoke = Tells)]
    public Task Tell()
    {
        var until = new Until(Tells);
        _counter.Tell(until, ActorRefs.NoSender);
        for (var i = 0; i < Tells; i++)
            _counter.Tell(Message, ActorRefs.NoSender);
        return until.Reached;
    }

    /// <summary>Two threads tell one actor.</summary>
    [Benchmark(OperationsPerInvoke = Tells)]
    public Task TellFromTwo()
    {
        var until = new Until(Tells);
        _counter.Tell(until, ActorRefs.NoSender);
        Parallel.For(
            0,
            2,
            _ =>
            {
                for (var i = 0; i < Tells / 2; i++)
                    _counter.Tell(Message, ActorRefs.NoSender);
            }
        );
        return until.Reached;
    }

    /// <summary>Two actors, one message that goes to and fro: half the time of a round trip.</summary>
    [Benchmark(OperationsPerInvoke = Tells)]
    public Task PingPong()
    {
        var until = new Until(Tells / 2);
        _pingPong.Tell(until, ActorRefs.NoSender);
        return until.Reached;
    }

    /// <summary>A question after the other.</summary>
    [Benchmark(OperationsPerInvoke = Asks)]
    public Task Ask() => AskInTurn(Asks);

    /// <summary>The same with a limit of time, as one asks in earnest.</summary>
    [Benchmark(OperationsPerInvoke = Asks)]
    public async Task AskWithTimeout()
    {
        var timeout = TimeSpan.FromSeconds(10);
        for (var i = 0; i < Asks; i++)
            await _echo.Ask<object>(Message, timeout).ConfigureAwait(false);
    }

    /// <summary>32 who ask at the same time.</summary>
    [Benchmark(OperationsPerInvoke = Asks)]
    public Task Ask32() => Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => AskInTurn(Asks / InFlight)));

    private async Task AskInTurn(int count)
    {
        for (var i = 0; i < count; i++)
            await _echo.Ask<object>(Message).ConfigureAwait(false);
    }

    private sealed class Until(int count)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Left { get; set; } = count;

        public Task Reached => _reached.Task;

        public void Done() => _reached.SetResult();
    }

    private sealed class Counter : ReceiveActor
    {
        private Until? _until;

        public Counter()
        {
            Receive<Until>(until => _until = until);
            ReceiveAny(_ =>
            {
                if (--_until!.Left == 0)
                    _until.Done();
            });
        }
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message, Self));
    }

    private sealed class Pinger : ReceiveActor
    {
        private Until? _until;

        public Pinger(IActorRef echo)
        {
            Receive<Until>(until =>
            {
                _until = until;
                echo.Tell(Message, Self);
            });
            ReceiveAny(message =>
            {
                if (--_until!.Left == 0)
                    _until.Done();
                else
                    echo.Tell(message, Self);
            });
        }
    }
}
