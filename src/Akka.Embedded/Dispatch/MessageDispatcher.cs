namespace Akka.Dispatch;

/// <summary>Gives mailboxes threads to run on.</summary>
public abstract class MessageDispatcher
{
    /// <summary>How many messages a mailbox handles in one run unless configured otherwise.</summary>
    public const int DefaultThroughput = 100;

    private protected MessageDispatcher(string id, int throughput, long? throughputDeadlineTime)
    {
        Id = id;
        Throughput = throughput;
        ThroughputDeadlineTime = throughputDeadlineTime;
    }

    internal string Id { get; set; }

    /// <summary>How long one run may last at most, in ticks of 100 ns; none when null.</summary>
    internal long? ThroughputDeadlineTime { get; set; }

    /// <summary>How many messages a mailbox handles before it gives way to others.</summary>
    internal int Throughput { get; set; }

    public void Schedule(Action run) => ExecuteWork(new ActionWork(run), fairly: false);

    /// <summary>Runs <paramref name="work"/> on a thread of this dispatcher.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="fairly">Behind all that waits already, instead of where it runs soonest.</param>
    internal abstract void ExecuteWork(IThreadPoolWorkItem work, bool fairly);

    /// <summary>Ends the threads this dispatcher owns once their queues are empty.</summary>
    internal virtual void Shutdown() { }

    /// <summary>When a run that starts now must end, on the clock of <see cref="Environment.TickCount64"/>; 0 is never.</summary>
    internal long Deadline() =>
        ThroughputDeadlineTime is > 0 and { } ticks
            ? Environment.TickCount64 + (ticks / TimeSpan.TicksPerMillisecond)
            : 0;

    private sealed class ActionWork(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }

    private sealed class RunnableWork(IRunnable run) : IThreadPoolWorkItem
    {
        public void Execute() => run.Run();
    }
}
