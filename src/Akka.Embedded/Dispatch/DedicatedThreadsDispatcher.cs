namespace Akka.Dispatch;

/// <summary>Runs mailboxes on threads of its own, so that nobody else's load delays them.</summary>
/// <remarks>
/// A thread without work sleeps at once. <c>BlockingCollection</c> and <c>SemaphoreSlim</c> spin before they sleep: two
/// threads that were woken a hundred times a second, for some microseconds of work each, used a hundredth of a core that way.
/// </remarks>
internal sealed class DedicatedThreadsDispatcher : MessageDispatcher
{
    private readonly object _gate = new();
    private readonly Queue<IThreadPoolWorkItem> _work = new();
    private readonly Action<Exception> _onFailure;
    private int _asleep;
    private bool _ended;

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
        lock (_gate)
        {
            if (!_ended)
            {
                _work.Enqueue(work);
                if (_asleep > 0)
                    Monitor.Pulse(_gate);
                return;
            }
        }

        // Shut down: what is still sent (to dead letters, by now) must not be lost silently.
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    internal override void Shutdown()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Loop()
    {
        while (Next() is { } work)
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

    /// <summary>The oldest work; null when the dispatcher was shut down and none is left.</summary>
    private IThreadPoolWorkItem? Next()
    {
        lock (_gate)
        {
            IThreadPoolWorkItem? work;
            while (!_work.TryDequeue(out work) && !_ended)
            {
                _asleep++;
                Monitor.Wait(_gate);
                _asleep--;
            }

            return work;
        }
    }
}
