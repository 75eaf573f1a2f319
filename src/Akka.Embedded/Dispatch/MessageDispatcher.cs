using Akka.Actor;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>Gives mailboxes threads to run on.</summary>
public abstract class MessageDispatcher
{
    /// <summary>How many messages a mailbox handles in one run unless configured otherwise.</summary>
    public const int DefaultThroughput = 100;

    private readonly Action<Exception> _onFailure;

    /// <param name="configurator">What the configuration named as this dispatcher's <c>type</c>.</param>
    protected MessageDispatcher(MessageDispatcherConfigurator configurator)
        : this(DefaultThroughput, null, e => Log(configurator.Prerequisites.Settings.System, e)) { }

    private protected MessageDispatcher(int throughput, long? throughputDeadlineTime, Action<Exception> onFailure)
    {
        _onFailure = onFailure;
        Throughput = throughput;
        ThroughputDeadlineTime = throughputDeadlineTime;
    }

    /// <summary>How long one run may last at most, in ticks of 100 ns; none when null.</summary>
    internal long? ThroughputDeadlineTime { get; set; }

    /// <summary>How many messages a mailbox handles before it gives way to others.</summary>
    public int Throughput { get; protected set; }

    public void Schedule(Action run) => ExecuteTask(new ActionRunnable(run));

    /// <summary>Runs <paramref name="run"/> on a thread of this dispatcher, behind what waits already, and does not wait for it.</summary>
    protected abstract void ExecuteTask(IRunnable run);

    /// <summary>What was run has thrown; the thread that ran it has others to serve.</summary>
    protected void ReportFailure(Exception ex) => _onFailure(ex);

    internal static void Log(ActorSystem system, Exception failure) =>
        system.EventStream.Publish(
            new Error(
                failure,
                nameof(Dispatchers),
                typeof(Dispatchers),
                "Work on a dispatcher failed: " + failure.Message
            )
        );

    /// <param name="run">What to run.</param>
    /// <param name="fairly">Behind all that waits already, instead of where it runs soonest.</param>
    internal virtual void Execute(IRunnable run, bool fairly) => ExecuteTask(run);

    /// <summary>
    /// No actor needs this dispatcher any more, for now: threads of its own may end once their queues are empty. Called any
    /// number of times; here when the system has ended.
    /// </summary>
    protected internal abstract void Shutdown();

    /// <summary>When a run that starts now must end, on the clock of <see cref="Environment.TickCount64"/>; 0 is never.</summary>
    internal long Deadline() =>
        ThroughputDeadlineTime is > 0 and { } ticks
            ? Environment.TickCount64 + (ticks / TimeSpan.TicksPerMillisecond)
            : 0;

    private sealed class ActionRunnable(Action run) : IRunnable
    {
        public void Run() => run();

        public void Execute() => run();
    }
}
