using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Actor;

public sealed class DispatcherTests()
    : Spec(
        """
        one { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool { thread-count = 1 } }
        pinned { type = PinnedDispatcher }
        odd { type = NoSuchDispatcher }
        """
    )
{
    [Theory]
    [InlineData("one")]
    [InlineData("pinned")]
    public async Task Runs_an_actor_on_the_one_thread_that_is_its_own(string dispatcher)
    {
        var actor = Sys.ActorOf(Props.Create(() => new WhichThread()).WithDispatcher(dispatcher));

        var threads = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => actor.Ask<Thread>("?", Soon)));

        var thread = Assert.Single(threads.Distinct());
        Assert.False(thread.IsThreadPoolThread);
    }

    [Fact]
    public async Task Serves_an_actor_on_its_own_thread_while_the_thread_pool_is_busy()
    {
        using var release = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out var threads, out _);
        for (var i = 0; i < threads * 2; i++)
        {
            Sys.ActorOf(Props.Create(() => new Blocking(release))).Tell("block");
        }

        var answered = new TaskCompletionSource();
        Sys.ActorOf(Props.Create(() => new Signalling(answered)).WithDispatcher("one")).Tell("x");

        // Waiting here must not itself need the pool.
        Assert.True(((IAsyncResult)answered.Task).AsyncWaitHandle.WaitOne(Soon));
        release.Set();
        await answered.Task;
    }

    [Fact]
    public void Says_which_dispatcher_is_missing_or_of_an_unknown_type()
    {
        var missing = Assert.Throws<ConfigurationException>(() =>
            Sys.ActorOf(Props.Create(() => new WhichThread()).WithDispatcher("no.such"))
        );
        Assert.Contains("no.such", missing.ToString());
        var odd = Assert.Throws<ConfigurationException>(() =>
            Sys.ActorOf(Props.Create(() => new WhichThread()).WithDispatcher("odd"))
        );
        Assert.Contains("NoSuchDispatcher", odd.ToString());
    }

    private sealed class WhichThread : ReceiveActor
    {
        public WhichThread() => ReceiveAny(_ => Sender.Tell(Thread.CurrentThread));
    }

    private sealed class Blocking : ReceiveActor
    {
        public Blocking(ManualResetEventSlim release) => ReceiveAny(_ => release.Wait());
    }

    private sealed class Signalling : ReceiveActor
    {
        public Signalling(TaskCompletionSource answered) => ReceiveAny(_ => answered.TrySetResult());
    }
}
