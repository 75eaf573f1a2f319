namespace Akka.Dispatch;

/// <summary>Runs mailboxes on the process's thread pool.</summary>
internal sealed class ThreadPoolDispatcher(string id, int throughput, long? deadline)
    : MessageDispatcher(id, throughput, deadline)
{
    internal override void ExecuteWork(IThreadPoolWorkItem work, bool fairly) =>
        // On a pool thread this goes to the thread's own queue, which idle threads steal from: the common case of
        // an actor answering another stays on one core without touching a shared queue. A mailbox that has used up
        // its throughput goes to the end of the shared queue instead, or it would starve the others.
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: !fairly);
}
