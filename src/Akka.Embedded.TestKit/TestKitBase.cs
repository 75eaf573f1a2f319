using System.Diagnostics;
using System.Linq.Expressions;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>An actor system and, in it, an actor whose messages a test expects.</summary>
/// <remarks>
/// One test uses an instance, from one thread at a time. The parts are: expectations of one message
/// (<c>TestKitBase.Expect.cs</c>) and of several (<c>TestKitBase.ExpectMany.cs</c>), receiving
/// (<c>TestKitBase.Receive.cs</c>), time limits (<c>TestKitBase.Within.cs</c>), waiting for conditions
/// (<c>TestKitBase.Await.cs</c>).
/// </remarks>
public abstract partial class TestKitBase : IActorRefFactory
{
    private static int _lastTestActor;

    private readonly ITestKitAssertions _assertions;
    private readonly TestQueue _queue = new();
    private readonly ActorCell? _implicitSender;
    private MessageEnvelope _last = NullMessageEnvelope.Instance;

    /// <param name="assertions">How a test fails.</param>
    /// <param name="system">The system to test in; null starts one of its own.</param>
    /// <param name="testActorName">Null for a name that no other test actor of the process has.</param>
    protected TestKitBase(ITestKitAssertions assertions, ActorSystem? system = null, string? testActorName = null)
        : this(assertions, testActorName, system ?? ActorSystem.Create("test", DefaultConfig)) { }

    protected TestKitBase(
        ITestKitAssertions assertions,
        Config? config,
        string? actorSystemName = null,
        string? testActorName = null
    )
        : this(
            assertions,
            testActorName,
            ActorSystem.Create(actorSystemName ?? "test", config.SafeWithFallback(DefaultConfig))
        ) { }

    private TestKitBase(ITestKitAssertions assertions, string? testActorName, ActorSystem system)
    {
        _assertions = assertions;
        Sys = system;
        // A system that was not started for tests lacks the settings of the test kit.
        TestKitSettings = new TestKitSettings(system.Settings.Config.WithFallback(DefaultConfig));
        Log = Logging.GetLogger(system, GetType());
        EventFilter = new EventFilterFactory(this);
        TestActor = CreateTestActor(_queue, testActorName ?? $"testActor{Interlocked.Increment(ref _lastTestActor)}");
        if (this is INoImplicitSender)
            return;
        _implicitSender = ((LocalActorRef)TestActor).Cell;
        ImplicitSender.Install(_implicitSender);
    }

    public static Config DefaultConfig { get; } =
        ConfigurationFactory.FromResource<TestKitBase>("Akka.TestKit.testkit.conf");

    /// <summary>Logs everything an actor system can log about itself.</summary>
    public static Config FullDebugConfig { get; } =
        ConfigurationFactory.ParseString(
            """
            akka.loglevel = DEBUG
            akka.stdout-loglevel = DEBUG
            akka.actor.debug { receive = on, autoreceive = on, lifecycle = on, event-stream = on, unhandled = on }
            """
        );

    /// <summary>Time since some moment in the past, unmoved by changes of the wall clock.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    public ActorSystem Sys { get; }

    public TestKitSettings TestKitSettings { get; }

    public ILoggingAdapter Log { get; }

    /// <summary>The actor whose messages are expected, and the sender of what the test tells.</summary>
    public IActorRef TestActor { get; }

    public EventFilterFactory EventFilter { get; }

    /// <summary>The message that was received last.</summary>
    public object? LastMessage => _last.Message;

    /// <summary>Who sent the message that was received last.</summary>
    public IActorRef LastSender => _last.Sender;

    public bool HasMessages => _queue.HasMessages;

    public EventFilterFactory CreateEventFilter(ActorSystem system) => new(this, system);

    /// <summary>Messages for which <paramref name="shouldIgnoreMessage"/> holds do not reach the test.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) =>
        Order(new TestActorCore.Order.SetIgnore(shouldIgnoreMessage));

    public void IgnoreMessages<TMsg>(Func<TMsg, bool> shouldIgnoreMessage) =>
        IgnoreMessages(message => message is TMsg typed && shouldIgnoreMessage(typed));

    public void IgnoreMessages<TMsg>() => IgnoreMessages(static message => message is TMsg);

    public void IgnoreNoMessages() => Order(new TestActorCore.Order.SetIgnore(null));

    /// <summary>The end of <paramref name="actorToWatch"/> will reach the test as <see cref="Terminated"/>.</summary>
    public IActorRef Watch(IActorRef actorToWatch)
    {
        Order(new TestActorCore.Order.Watch(actorToWatch));
        return actorToWatch;
    }

    public IActorRef Unwatch(IActorRef actorToUnwatch)
    {
        Order(new TestActorCore.Order.Unwatch(actorToUnwatch));
        return actorToUnwatch;
    }

    public void SetAutoPilot(AutoPilot pilot) => Order(new TestActorCore.Order.SetAutoPilot(pilot));

    /// <summary>The time multiplied by <c>akka.test.timefactor</c>.</summary>
    public TimeSpan Dilated(TimeSpan duration) =>
        duration == Timeout.InfiniteTimeSpan ? duration : duration * TestKitSettings.TestTimeFactor;

    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => RemainingOrDilated(timeout);

    /// <summary>An actor whose messages reach this test as those of <see cref="TestActor"/> do.</summary>
    public IActorRef CreateTestActor(string name) => CreateTestActor(_queue, name);

    public virtual TestProbe CreateTestProbe(string? name = null) => CreateTestProbe(Sys, name);

    public virtual TestProbe CreateTestProbe(ActorSystem system, string? name = null) => new(system, _assertions, name);

    public virtual TestLatch CreateTestLatch(int count = 1) => TestLatch.Create(this, count);

    public IActorRef ActorOf(Props props) => Sys.ActorOf(props);

    public IActorRef ActorOf(Props props, string? name) => Sys.ActorOf(props, name);

    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>());

    public IActorRef ActorOf<TActor>(string name)
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>(), name);

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory));

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string name)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    public ActorSelection ActorSelection(ActorPath actorPath) => Sys.ActorSelection(actorPath);

    public ActorSelection ActorSelection(string actorPath) => Sys.ActorSelection(actorPath);

    /// <summary>Ends the actor system.</summary>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        if (_implicitSender is not null)
            ImplicitSender.Remove(_implicitSender);
        Shutdown(Sys, duration, verifySystemShutdown);
    }

    /// <exception cref="TimeoutException">
    /// The system did not end in time (default 10 s), and <paramref name="verifySystemShutdown"/> asks for an error
    /// rather than a warning.
    /// </exception>
    protected virtual void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        ArgumentNullException.ThrowIfNull(system);
        var limit = duration ?? Dilated(TimeSpan.FromSeconds(10));
        if (system.Terminate().Wait(limit))
            return;
        var problem = $"{system.Name} did not end within {limit}";
        if (verifySystemShutdown)
            throw new TimeoutException(problem);
        system.Log.Warning(problem);
    }

    IActorRef IActorRefFactory.ActorOf(Props props, string? name) => Sys.ActorOf(props, name);

    private IActorRef CreateTestActor(TestQueue queue, string name) =>
        ((ExtendedActorSystem)Sys).SystemActorOf(Props.Create(() => new TestActorCore(queue)), name);

    private void Order(TestActorCore.Order order) => TestActor.Tell(order, ActorRefs.NoSender);
}
