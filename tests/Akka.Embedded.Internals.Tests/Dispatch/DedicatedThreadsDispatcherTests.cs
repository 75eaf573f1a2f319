using Akka.Dispatch;

namespace Akka.Embedded.Internals.Tests.Dispatch;

public sealed class DedicatedThreadsDispatcherTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public void Wakes_a_second_thread_for_what_comes_while_the_first_is_busy()
    {
        var dispatcher = Dispatcher(threads: 2);
        using var both = new Barrier(3);
        for (var i = 0; i < 100; i++)
        {
            dispatcher.Schedule(() => both.SignalAndWait(Soon));
            dispatcher.Schedule(() => both.SignalAndWait(Soon));
            Assert.True(both.SignalAndWait(Soon));
        }

        dispatcher.Shutdown();
    }

    [Fact]
    public void Finishes_what_was_queued_before_it_was_shut_down_and_runs_what_comes_later_elsewhere()
    {
        var dispatcher = Dispatcher(threads: 1);
        using var busy = new ManualResetEventSlim();
        using var done = new CountdownEvent(3);
        var ranBy = new List<bool>();
        dispatcher.Schedule(() =>
        {
            busy.Wait(Soon);
            done.Signal();
        });
        dispatcher.Schedule(Note);

        dispatcher.Shutdown();
        busy.Set();
        dispatcher.Schedule(Note);

        Assert.True(done.Wait(Soon));
        Assert.Equal([false, true], ranBy.Order());

        void Note()
        {
            lock (ranBy)
                ranBy.Add(Thread.CurrentThread.IsThreadPoolThread);
            done.Signal();
        }
    }

    [Fact]
    public void Its_thread_survives_work_that_throws()
    {
        using var failed = new CountdownEvent(1);
        using var ran = new CountdownEvent(1);
        var dispatcher = new DedicatedThreadsDispatcher(1, null, 1, "d", _ => failed.Signal());

        dispatcher.Schedule(() => throw new InvalidOperationException("as asked"));
        dispatcher.Schedule(() => ran.Signal());

        Assert.True(failed.Wait(Soon));
        Assert.True(ran.Wait(Soon));
        dispatcher.Shutdown();
    }

    private static DedicatedThreadsDispatcher Dispatcher(int threads) => new(1, null, threads, "d", _ => { });
}
