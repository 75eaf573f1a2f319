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
        var own = Own();

        var thread = await Sys.ActorOf(Props.Create(() => new WhichThread()).WithDispatcher("own"))
            .Ask<Thread>("?", Soon);

        Assert.Same(own.Thread, thread);
        Assert.Equal(("a setting of its own", Sys), (own.Setting, own.System));
    }

    [Fact]
    public async Task A_mailbox_gives_way_after_as_many_messages_as_a_dispatcher_of_ones_own_says()
    {
        var own = Own();
        Assert.Equal(2, own.Throughput);
        var handled = new List<string>();
        var actor = Sys.ActorOf(Props.Create(() => new Noting(handled)).WithDispatcher("own"));
        await actor.Ask<ActorIdentity>(new Identify("ready"), Soon);
        using var gate = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        own.Schedule(() =>
        {
            held.Set();
            gate.Wait(Soon);
        });
        held.Wait(Soon);
        foreach (var message in (string[])["a", "b", "c", "d", "e"])
            actor.Tell(message);
        var afterEachRun = new List<int>();
        own.AfterRun = () => afterEachRun.Add(handled.Count);

        gate.Set();
        await actor.Ask<ActorIdentity>(new Identify("done"), Soon);
        own.AfterRun = null;

        Assert.Equal([2, 4, 5], afterEachRun.Where(count => count > 0).Append(5).Distinct());
    }

    [Fact]
    public async Task What_fails_on_a_dispatcher_of_ones_own_is_told_as_an_error()
    {
        var errors = Receiver();
        Sys.EventStream.Subscribe(errors.Ref, typeof(Error));

        Own().Schedule(() => throw new InvalidOperationException("on purpose"));

        Assert.Contains("on purpose", $"{await errors.Next()}");
    }

    [Fact]
    public void A_class_that_makes_no_dispatchers_cannot_be_named_as_one()
    {
        var error = Assert.ThrowsAny<Exception>(() => Sys.Dispatchers.Lookup("other"));

        Assert.Contains(nameof(DispatcherTests), error.ToString());
    }

    private OwnDispatcher Own() => Assert.IsType<OwnDispatcher>(Sys.Dispatchers.Lookup("own"));

    public sealed class OwnConfigurator : MessageDispatcherConfigurator
    {
        private readonly OwnDispatcher _dispatcher;

        public OwnConfigurator(Config config, IDispatcherPrerequisites prerequisites)
            : base(config, prerequisites) => _dispatcher = new OwnDispatcher(this);

        public override MessageDispatcher Dispatcher() => _dispatcher;
    }

    /// <summary>Has one thread, as long as its system lives.</summary>
    private sealed class OwnDispatcher : MessageDispatcher
    {
        private readonly BlockingCollection<IRunnable> _work = [];
        private volatile Action? _afterRun;

        public OwnDispatcher(MessageDispatcherConfigurator configurator)
            : base(configurator)
        {
            Throughput = 2;
            Setting = configurator.Config.GetString("setting");
            System = configurator.Prerequisites.Settings.System;
            Thread = new Thread(Run) { IsBackground = true };
            Thread.Start();
        }

        public Thread Thread { get; }

        public string? Setting { get; }

        public ActorSystem System { get; }

        /// <summary>Called on the thread.</summary>
        public Action? AfterRun
        {
            set => _afterRun = value;
        }

        protected override void ExecuteTask(IRunnable run) => _work.Add(run);

        protected override void Shutdown() { }

        private void Run()
        {
            foreach (var run in _work.GetConsumingEnumerable())
            {
                try
                {
                    run.Run();
                }
                catch (InvalidOperationException e)
                {
                    ReportFailure(e);
                }

                _afterRun?.Invoke();
            }
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
