using System.Collections.Concurrent;

namespace Akka.Dispatch;

/// <summary>Runs mailboxes on threads of its own, so that nobody else's load delays them.</summary>
internal sealed class DedicatedThreadsDispatcher : MessageDispatcher
{
    private readonly BlockingCollection<IThreadPoolWorkItem> _work = [];
    private readonly Action<Exception> _onFailure;

    public DedicatedThreadsDispatcher(
        string id,
        int throughput,
        long? deadline,
        int threads,
        string threadNamePrefix,
        Action<Exception> onFailure
    )
        : base(id, throughput, deadline)
    {
        _onFailure = onFailure;
        for (var i = 1; i <= threads; i++)
        {
            var thread = new Thread(Loop) { IsBackground = true, Name = $"{threadNamePrefix}-{i}" };
            thread.Start();
        }
    }

    internal override void ExecuteWork(IThreadPoolWorkItem work, bool fairly)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException)
        {
            // Shut down: what is still sent (to dead letters, by now) must not be lost silently.
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    internal override void Shutdown() => _work.CompleteAdding();

    private void Loop()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            try
            {
                work.Execute();
            }
            catch (Exception e)
            {
                // An action given to Schedule threw; the thread has others to serve.
                _onFailure(e);
            }
        }
    }
}
