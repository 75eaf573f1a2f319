namespace Akka.Dispatch;

/// <summary>Runs mailboxes on threads of its own, so that nobody else's load delays them.</summary>
/// <remarks>
/// A thread without work sleeps at once. <c>BlockingCollection</c> and <c>SemaphoreSlim</c> spin before they sleep: two
/// threads that were woken a hundred times a second used 1.1 % of a core, half of it to spin.
/// Each sleeps on an event of its own, which is set when the lock is free again: who is woken by a pulse within the lock
/// runs into that lock, and is put to sleep a second time. The one that fell asleep last is woken first.
/// </remarks>
internal sealed class DedicatedThreadsDispatcher : MessageDispatcher
{
    private readonly object _gate = new();
    private readonly Queue<IRunnable> _work = new();
    private readonly Stack<AutoResetEvent> _asleep = new();
    private bool _ended;

    public DedicatedThreadsDispatcher(
        int throughput,
        long? deadline,
        int threads,
        string threadNamePrefix,
        Action<Exception> onFailure
    )
        : base(throughput, deadline, onFailure)
    {
        for (var i = 1; i <= threads; i++)
        {
            var thread = new Thread(Loop) { IsBackground = true, Name = $"{threadNamePrefix}-{i}" };
            thread.Start();
        }
    }

    protected override void ExecuteTask(IRunnable run)
    {
        AutoResetEvent? sleeper;
        lock (_gate)
        {
            if (_ended)
            {
                // Shut down: what is still sent (to dead letters, by now) must not be lost silently.
                ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: false);
                return;
            }

            _work.Enqueue(run);
            _asleep.TryPop(out sleeper);
        }

        sleeper?.Set();
    }

    protected internal override void Shutdown()
    {
        lock (_gate)
        {
            _ended = true;
            while (_asleep.TryPop(out var sleeper))
                sleeper.Set();
        }
    }

    private void Loop()
    {
        using var woken = new AutoResetEvent(false);
        while (Next(woken) is { } work)
        {
            try
            {
                work.Run();
            }
            catch (Exception e)
            {
                // An action given to Schedule threw; the thread has others to serve.
                ReportFailure(e);
            }
        }
    }

    /// <summary>The oldest work; null when the dispatcher was shut down and none is left.</summary>
    private IRunnable? Next(AutoResetEvent woken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_work.TryDequeue(out var work) || _ended)
                    return work;
                _asleep.Push(woken);
            }

            woken.WaitOne();
        }
    }
}
