using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Failover.Node.Lifeline;

namespace Failover.Node.Tests.Lifeline;

public sealed class LifelineLoopTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _happened = new(0);
    private readonly List<Exception> _failures = [];
    private readonly LifelineLoop _loop;

    public LifelineLoopTests() => _loop = new LifelineLoop("test-lifeline", _failures.Add);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void What_is_posted_runs_on_one_thread_in_its_order()
    {
        var (threads, order) = (new HashSet<Thread>(), new List<int>());
        for (var i = 0; i < 1000; i++)
        {
            var number = i;
            _loop.Post(() =>
            {
                threads.Add(Thread.CurrentThread);
                order.Add(number);
            });
        }

        _loop.Run(() => { });

        Assert.Equal(Enumerable.Range(0, 1000), order);
        Assert.NotEqual(Thread.CurrentThread, Assert.Single(threads));
    }

    [Fact]
    public async Task Nobody_who_posts_is_overlooked_however_often_the_loop_falls_asleep()
    {
        // Each waits for its own before it posts again: again and again one posts while the loop is about to sleep.
        // Nothing but a wake-up ends that sleep for a minute.
        var posters = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Post(2000))).ToArray();

        await Task.WhenAll(posters).WaitAsync(Soon);

        async Task Post(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _loop.Post(done.SetResult);
                await done.Task;
            }
        }
    }

    [Fact]
    public void What_fails_is_told_and_the_others_run()
    {
        _loop.Post(() => throw new InvalidOperationException("on purpose"));
        _loop.Run(() => { });

        Assert.Equal("on purpose", Assert.Single(_failures).Message);
    }

    [Fact]
    public async Task Beats_and_sockets_have_their_turn_while_work_never_ends()
    {
        using var socket = ReadableForever();
        var (works, beats, reads) = (0, 0, 0);
        _loop.Post(Work);
        using var beat = _loop.Every(TimeSpan.FromMilliseconds(1), () => Count(ref beats));
        _loop.Run(() => _loop.Watch(socket, () => Count(ref reads)));

        await Happened(6);

        _loop.Run(() => _loop.Unwatch(socket));
        Assert.True(works > 0);

        void Count(ref int count)
        {
            if (++count <= 3)
                _happened.Release();
        }

        void Work()
        {
            works++;
            _loop.Post(Work);
        }
    }

    [Fact]
    public async Task A_socket_that_is_always_readable_takes_no_more_than_its_turn()
    {
        using var greedy = ReadableForever();
        using var modest = ReadableForever();
        var order = new List<string>();
        _loop.Run(() =>
        {
            _loop.Watch(greedy, () => Note("greedy"));
            _loop.Watch(modest, () => Note("modest"));
        });

        await Happened(6);

        _loop.Run(() =>
        {
            _loop.Unwatch(greedy);
            _loop.Unwatch(modest);
        });
        Assert.Equal(3, order.Take(6).Count(name => name == "modest"));

        void Note(string name)
        {
            order.Add(name);
            _happened.Release();
        }
    }

    [Fact]
    public void A_beat_that_was_stopped_beats_no_more()
    {
        var beats = 0;
        using var other = _loop.Every(TimeSpan.FromMilliseconds(1), () => _happened.Release());
        var beat = _loop.Every(TimeSpan.FromMilliseconds(1), () => beats++);
        beat.Dispose();
        var before = 0;
        _loop.Run(() => before = beats);

        for (var i = 0; i < 5; i++)
            Assert.True(_happened.Wait(Soon));

        _loop.Run(() => Assert.Equal(before, beats));
        Assert.Empty(_failures);
    }

    [Fact]
    public void A_late_beat_shortens_the_time_to_the_next_and_those_that_were_missed_are_not_made_up_for()
    {
        var (second, beats) = (Stopwatch.Frequency, 0);
        var beat = new LifelineLoop.Beat(TimeSpan.FromSeconds(10), () => beats++, now: 0);

        beat.RunIfDue(0);
        beat.RunIfDue(9 * second);
        Assert.Equal((1, TimeSpan.FromSeconds(1)), (beats, beat.Left(9 * second)));

        beat.RunIfDue(14 * second);
        Assert.Equal((2, TimeSpan.FromSeconds(6)), (beats, beat.Left(14 * second)));

        beat.RunIfDue(95 * second);
        Assert.Equal((3, TimeSpan.FromSeconds(10)), (beats, beat.Left(95 * second)));
    }

    [Fact]
    public void A_loop_that_has_ended_leaves_its_work_to_the_thread_pool()
    {
        Thread? ownThread = null;
        _loop.Run(() => ownThread = Thread.CurrentThread);

        _loop.Dispose();
        Assert.True(ownThread!.Join(Soon));

        Thread? other = null;
        _loop.Run(() => other = Thread.CurrentThread);
        Assert.True(other!.IsThreadPoolThread);
    }

    [Fact]
    public void Work_that_waits_when_the_loop_is_ended_is_done_first()
    {
        var done = 0;
        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        _loop.Post(() =>
        {
            begun.Set();
            release.Wait();
        });
        begun.Wait();
        for (var i = 0; i < 500; i++)
            _loop.Post(() => Interlocked.Increment(ref done));

        _loop.Dispose();
        release.Set();
        _loop.Run(() => { });

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == 500, Soon));
    }

    private static Socket ReadableForever()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.SendTo([1], socket.LocalEndPoint!);
        return socket;
    }

    private async Task Happened(int times)
    {
        for (var i = 0; i < times; i++)
            Assert.True(await _happened.WaitAsync(Soon));
    }
}
