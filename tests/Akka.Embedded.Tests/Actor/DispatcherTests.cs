using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Embedded.Tests.Actor;

public sealed class DispatcherTests()
    : Spec(
        """
        one { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool { thread-count = 1 } }
        pinned { type = PinnedDispatcher }
        odd { type = NoSuchDispatcher }
        own { type = "Akka.Embedded.Tests.Actor.DispatcherTests+OwnConfigurator, Akka.Embedded.Tests", setting = "a setting of its own" }
        other { type = "Akka.Embedded.Tests.Actor.DispatcherTests, Akka.Embedded.Tests" }
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

    [Fact]
    public async Task Runs_an_actor_on_a_dispatcher_of_a_class_that_the_configuration_names()
    {
        var own = Assert.IsType<OwnDispatcher>(Sys.Dispatchers.Lookup("own"));
        var answers = Receiver();

        Sys.ActorOf(Props.Create(() => new WhichThread()).WithDispatcher("own")).Tell("?", answers.Ref);
        while (own.RunNext()) { }
        own.LetGo();

        Assert.Same(Thread.CurrentThread, await answers.Next());
        Assert.Equal(("a setting of its own", Sys), (own.Setting, own.System));
    }

    [Fact]
    public void A_mailbox_gives_way_after_as_many_messages_as_a_dispatcher_of_ones_own_says()
    {
        var own = Assert.IsType<OwnDispatcher>(Sys.Dispatchers.Lookup("own"));
        Assert.Equal(MessageDispatcher.DefaultThroughput, own.Throughput);
        own.Throughput = 2;
        var handled = new List<string>();
        var actor = Sys.ActorOf(Props.Create(() => new Noting(handled)).WithDispatcher("own"));
        foreach (var message in (string[])["a", "b", "c", "d", "e"])
            actor.Tell(message);

        var afterEachRun = new List<int>();
        while (own.RunNext())
            afterEachRun.Add(handled.Count);
        own.LetGo();

        Assert.Equal([2, 4, 5], afterEachRun.Where(count => count > 0).Distinct());
    }

    [Fact]
    public async Task What_fails_on_a_dispatcher_of_ones_own_is_told_as_an_error()
    {
        var errors = Receiver();
        Sys.EventStream.Subscribe(errors.Ref, typeof(Error));
        var own = Assert.IsType<OwnDispatcher>(Sys.Dispatchers.Lookup("own"));

        own.Schedule(() => throw new InvalidOperationException("on purpose"));
        own.RunNext();

        Assert.Contains("on purpose", $"{await errors.Next()}");
    }

    [Fact]
    public void A_class_that_makes_no_dispatchers_cannot_be_named_as_one()
    {
        var error = Assert.Throws<ConfigurationException>(() => Sys.Dispatchers.Lookup("other"));

        Assert.Contains("other", error.Message);
        Assert.Contains(nameof(DispatcherTests), error.Message);
    }

    public sealed class OwnConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : MessageDispatcherConfigurator(config, prerequisites)
    {
        public override MessageDispatcher Dispatcher() => new OwnDispatcher(this);
    }

    /// <summary>Runs what it is given when and where a test says so.</summary>
    private sealed class OwnDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
    {
        private readonly ConcurrentQueue<IRunnable> _work = [];
        private volatile bool _letGo;

        public string? Setting { get; } = configurator.Config.GetString("setting");

        public ActorSystem System { get; } = configurator.Prerequisites.Settings.System;

        /// <returns>False when there was nothing to run.</returns>
        public bool RunNext()
        {
            if (!_work.TryDequeue(out var run))
                return false;
            try
            {
                run.Run();
            }
            catch (InvalidOperationException e)
            {
                ReportFailure(e);
            }

            return true;
        }

        /// <summary>From now on the thread pool runs it, so that the system can end.</summary>
        public void LetGo() => _letGo = true;

        protected override void ExecuteTask(IRunnable run)
        {
            if (_letGo)
                ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: false);
            else
                _work.Enqueue(run);
        }
    }

    private sealed class Noting : ReceiveActor
    {
        public Noting(List<string> handled) => Receive<string>(handled.Add);
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
