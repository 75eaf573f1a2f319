using System.Net.Sockets;
using Failover.Bench.SideBySide.Clients;
using Failover.Bench.SideBySide.Measures;

namespace Failover.SideBySide.Tests;

public sealed class RouteTests : IDisposable
{
    private readonly List<int> _asked = [];
    private readonly Func<long?>[] _answers = [Refuses, Refuses, Refuses];
    private readonly SetTime _time = new();
    private readonly Route _route;

    public RouteTests() =>
        _route = new Route([new Server(this, 0), new Server(this, 1), new Server(this, 2)], first: 1, _time);

    public void Dispose() => _route.Dispose();

    [Fact]
    public async Task Stays_with_whoever_acknowledges()
    {
        _answers[1] = () => 7;

        Assert.Equal(7, await Try());
        Assert.Equal(7, await Try());

        Assert.Equal([1, 1], _asked);
    }

    [Fact]
    public async Task Asks_the_next_after_a_refusal_and_knows_when_all_have_refused()
    {
        await Try();
        await Try();
        Assert.False(_route.LapEnds);
        await Try();
        Assert.True(_route.LapEnds);
        await Try();

        Assert.Equal([1, 2, 0, 1], _asked);
    }

    [Fact]
    public async Task Passes_over_who_did_not_answer_for_a_while()
    {
        _answers[1] = Silent;

        for (var i = 0; i < 4; i++)
            await Try();
        Assert.Equal([1, 2, 0, 2], _asked);

        _time.Now += TimeSpan.FromSeconds(2);
        for (var i = 0; i < 2; i++)
            await Try();
        Assert.Equal([1, 2, 0, 2, 0, 1], _asked);
    }

    [Fact]
    public async Task Never_asks_only_the_dead_because_the_living_were_slow()
    {
        _answers[0] = Silent;
        _answers[1] = Gone;
        _answers[2] = Silent;

        for (var i = 0; i < 7; i++)
        {
            await Try();
            _time.Now += TimeSpan.FromMilliseconds(10);
        }

        Assert.Equal([1, 2, 0, 1, 2, 1, 0], _asked);
    }

    [Fact]
    public async Task Goes_on_whatever_way_a_server_was_lost()
    {
        _answers[1] = Gone;
        _answers[2] = () => throw new HttpRequestException("reset");
        _answers[0] = () => throw new SocketException((int)SocketError.NotConnected);

        for (var i = 0; i < 4; i++)
            Assert.Null(await Try());

        Assert.Equal([1, 2, 0, 1], _asked);
    }

    private static long? Refuses() => null;

    private static long? Silent() => throw new OperationCanceledException();

    private static long? Gone() => throw new IOException("refused");

    private Task<long?> Try() => _route.Try("k", "v", TimeSpan.FromMinutes(1));

    private sealed class Server(RouteTests test, int number) : IStoreClient
    {
        public Task<long?> Write(string key, string value, CancellationToken cancellation)
        {
            test._asked.Add(number);
            return Task.FromResult(test._answers[number]());
        }

        public void Dispose() { }
    }

    private sealed class SetTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
