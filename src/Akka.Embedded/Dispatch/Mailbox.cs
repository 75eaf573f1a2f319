using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>Queues what is sent to one actor and runs the actor over it, one message at a time.</summary>
/// <remarks>
/// All of its state is one word: bit 0 closed, bit 1 scheduled, the rest counts suspensions. Whoever sets the
/// scheduled bit hands the mailbox to the dispatcher; only that run may touch the actor, and it clears the bit at
/// its end and looks once more, so that neither two runs overlap nor a message waits for the next one to arrive.
/// A closed mailbox is run the same way: its run passes what still arrives on to the dead letters.
/// </remarks>
internal sealed class Mailbox : IRunnable
{
    private const int Open = 0;
    private const int Closed = 1;
    private const int Scheduled = 2;
    private const int SuspendUnit = 4;
    private const int SuspendMask = ~(Closed | Scheduled);

    private readonly MpscQueue<Envelope> _queue = new();
    private readonly ActorCell _cell;
    private readonly MessageDispatcher _dispatcher;
    private LinkedList<Envelope>? _front;
    private SystemMessage? _systemQueue;
    private int _status = Open;

    public Mailbox(ActorCell cell, MessageDispatcher dispatcher)
    {
        _cell = cell;
        _dispatcher = dispatcher;
    }

    public bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;

    public bool IsSuspended => (Volatile.Read(ref _status) & SuspendMask) != 0;

    /// <summary>How many messages wait behind the current one; exact only while nobody sends.</summary>
    public int Count => _queue.Count + (_front?.Count ?? 0);

    public void Post(in Envelope envelope)
    {
        _queue.Enqueue(in envelope);
        var status = Volatile.Read(ref _status);
        // Suspended: whoever resumes will schedule. Scheduled: the run looks again before it ends.
        if (status == Open || (status & (Closed | Scheduled)) == Closed)
            Schedule();
    }

    public void PostSystem(SystemMessage message)
    {
        SystemMessage? head;
        do
        {
            head = Volatile.Read(ref _systemQueue);
            message.Next = head;
        } while (Interlocked.CompareExchange(ref _systemQueue, message, head) != head);

        if ((Volatile.Read(ref _status) & Scheduled) == 0)
            Schedule();
    }

    /// <summary>Called only from within a run.</summary>
    public void Suspend() => Interlocked.Add(ref _status, SuspendUnit);

    /// <summary>Called only from within a run, which notices that there is work again.</summary>
    public void Resume()
    {
        if (IsSuspended)
            Interlocked.Add(ref _status, -SuspendUnit);
    }

    /// <summary>Called only from within a run: <paramref name="envelopes"/> come next, in their order.</summary>
    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        var front = _front ??= [];
        foreach (var envelope in envelopes.Reverse())
            front.AddFirst(envelope);
    }

    /// <summary>Called only from within a run: from now on everything goes to the dead letters.</summary>
    public void Close() => Interlocked.Or(ref _status, Closed);

    public void Run() => Execute();

    public void Execute()
    {
        var previous = ActorCell.EnterThread(_cell);
        try
        {
            ProcessSystemMessages();
            ProcessMessages();
        }
        finally
        {
            ActorCell.LeaveThread(previous);
            // Read while this run still owns it; after the next line another one may.
            var waiting = _front is { Count: > 0 };
            Interlocked.And(ref _status, ~Scheduled);
            if (HasWork(waiting))
                Schedule(fairly: true);
        }
    }

    private bool TryTake(out Envelope envelope)
    {
        if (_front is not { First: { } first })
            return _queue.TryDequeue(out envelope);
        envelope = first.Value;
        _front.RemoveFirst();
        return true;
    }

    private void Schedule(bool fairly = false)
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & Scheduled) != 0)
                return;
            if (Interlocked.CompareExchange(ref _status, status | Scheduled, status) != status)
                continue;
            _dispatcher.Execute(this, fairly);
            return;
        }
    }

    private bool HasWork(bool waiting)
    {
        if (Volatile.Read(ref _systemQueue) is not null)
            return true;
        var status = Volatile.Read(ref _status);
        return (waiting || !_queue.IsEmpty) && ((status & Closed) != 0 || (status & SuspendMask) == 0);
    }

    private void ProcessMessages()
    {
        var left = _dispatcher.Throughput;
        var deadline = _dispatcher.Deadline();
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & Closed) != 0)
            {
                DrainToDeadLetters();
                return;
            }

            if ((status & SuspendMask) != 0 || !TryTake(out var envelope))
                return;
            _cell.Invoke(in envelope);
            if (Volatile.Read(ref _systemQueue) is not null)
                ProcessSystemMessages();
            if (--left <= 0 || (deadline != 0 && Environment.TickCount64 >= deadline))
                return;
        }
    }

    private void ProcessSystemMessages()
    {
        while (Volatile.Read(ref _systemQueue) is not null)
        {
            var newestFirst = Interlocked.Exchange(ref _systemQueue, null);
            SystemMessage? oldestFirst = null;
            while (newestFirst is not null)
            {
                var next = newestFirst.Next;
                newestFirst.Next = oldestFirst;
                oldestFirst = newestFirst;
                newestFirst = next;
            }

            while (oldestFirst is not null)
            {
                var message = oldestFirst;
                oldestFirst = message.Next;
                message.Next = null;
                if (IsClosed)
                    _cell.SystemInvokeWhenClosed(message);
                else
                    _cell.SystemInvoke(message);
            }
        }
    }

    private void DrainToDeadLetters()
    {
        while (TryTake(out var envelope))
            _cell.ToDeadLetters(in envelope);
    }
}
