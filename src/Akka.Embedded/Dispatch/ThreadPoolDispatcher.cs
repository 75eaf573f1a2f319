namespace Akka.Dispatch;

/// <summary>Runs mailboxes on the process's thread pool.</summary>
internal sealed class ThreadPoolDispatcher(int throughput, long? deadline, Action<Exception> onFailure)
    : MessageDispatcher(throughput, deadline, onFailure)
{
    protected override void ExecuteTask(IRunnable run) => Execute(run, fairly: false);

    internal override void Execute(IRunnable run, bool fairly) =>
        // On a pool thread this goes to the thread's own queue, which idle threads steal from: the common case of
        // an actor answering another stays on one core without touching a shared queue. A mailbox that has used up
        // its throughput goes to the end of the shared queue instead, or it would starve the others.
        ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: !fairly);

    // The pool is the process's.
    protected internal override void Shutdown() { }
}
