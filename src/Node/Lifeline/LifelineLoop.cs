using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Failover.Node.Lifeline;

/// <summary>
/// One thread that waits with one system call for all that the lifeline waits for: sockets that can be read, work from
/// other threads, the next beat. What was read is handled in the same turn, by the actors whose dispatcher this is.
/// </summary>
/// <remarks>
/// Work, posts and beats may come from any thread; sockets are watched and left alone on the loop's own. A turn is: beats
/// that are due, work up to a bound, then one look at the sockets, each of which is read once: none of the three starves
/// the others. The thread is woken once for whatever is posted while it sleeps.
/// </remarks>
internal sealed class LifelineLoop : IDisposable
{
    private const int WorkPerTurn = 64;
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly Action<Exception> _onFailure;
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _work = new();
    private readonly Dictionary<Socket, Action> _watched = [];
    private readonly List<Beat> _beats = [];
    private readonly List<Socket> _readable = [];
    private readonly Socket _waker = CreateWaker();
    private readonly Thread _thread;
    private int _asleep;
    private volatile bool _ending;
    private volatile bool _ended;

    /// <param name="onFailure">Told of what is thrown by work, which must not end the loop.</param>
    public LifelineLoop(string name, Action<Exception> onFailure)
    {
        _onFailure = onFailure;
        _thread = new Thread(Run)
        {
            IsBackground = true,
            Name = name,
            Priority = ThreadPriority.AboveNormal,
        };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="work"/> on the loop's thread; on the thread pool once the loop has ended.</summary>
    public void Execute(IThreadPoolWorkItem work)
    {
        _work.Enqueue(work);
        // The exchange is a fence as well: either this sees that the loop sleeps or has ended, or the loop sees the work.
        if (Interlocked.Exchange(ref _asleep, 0) != 0)
            Wake();
        if (_ended)
            PassOn();
    }

    /// <inheritdoc cref="Execute"/>
    public void Post(Action action) => Execute(new Posted(action));

    /// <summary>Runs <paramref name="action"/> on the loop's thread and waits until that is done.</summary>
    public void Run(Action action)
    {
        if (Thread.CurrentThread == _thread)
        {
            action();
            return;
        }

        using var done = new ManualResetEventSlim();
        Post(() =>
        {
            try
            {
                action();
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
    }

    /// <summary>Runs <paramref name="due"/> on the loop's thread now and then again and again, until what is returned is disposed.</summary>
    /// <remarks>A beat that is late shortens the time to the next one; those that were missed altogether are not made up for.</remarks>
    public Beat Every(TimeSpan interval, Action due)
    {
        var beat = new Beat(interval, due, Stopwatch.GetTimestamp());
        Post(() => _beats.Add(beat));
        return beat;
    }

    /// <summary>From now on <paramref name="onReadable"/> runs whenever the socket has something to read, or its end.</summary>
    /// <param name="socket">Non-blocking. It is not disposed before <see cref="Unwatch"/>.</param>
    public void Watch(Socket socket, Action onReadable) => _watched[socket] = onReadable;

    public void Unwatch(Socket socket) => _watched.Remove(socket);

    /// <summary>Ends the loop when its work is done. Does not wait for that.</summary>
    public void Dispose()
    {
        _ending = true;
        if (Interlocked.Exchange(ref _asleep, 0) != 0)
            Wake();
    }

    private void Run()
    {
        while (true)
        {
            RunBeats();
            RunWork();
            if (_ending && _work.IsEmpty)
                break;
            Wait();
        }

        _ended = true;
        PassOn();
        _waker.Dispose();
    }

    private void RunWork()
    {
        for (var left = WorkPerTurn; left > 0 && _work.TryDequeue(out var work); left--)
        {
            try
            {
                work.Execute();
            }
            catch (Exception e)
            {
                _onFailure(e);
            }
        }
    }

    private void RunBeats()
    {
        var now = Stopwatch.GetTimestamp();
        _beats.RemoveAll(static beat => beat.IsStopped);
        foreach (var beat in _beats)
            beat.RunIfDue(now);
    }

    /// <summary>How long the thread may sleep. Work that has just been done may have begun a beat, or may have used up the time.</summary>
    private TimeSpan Patience()
    {
        if (!_work.IsEmpty || _ending)
            return TimeSpan.Zero;
        var now = Stopwatch.GetTimestamp();
        var patience = LongestSleep;
        foreach (var beat in _beats)
            patience = TimeSpan.FromTicks(Math.Min(patience.Ticks, beat.Left(now).Ticks));
        return patience > TimeSpan.Zero ? patience : TimeSpan.Zero;
    }

    private void Wait()
    {
        // Before the last look at the work: whoever adds some later wakes this thread.
        Interlocked.Exchange(ref _asleep, 1);
        var patience = Patience();
        _readable.Add(_waker);
        foreach (var socket in _watched.Keys)
            _readable.Add(socket);
        // The kernel counts milliseconds here, and .NET cuts off what is less: a beat is rather late than asked for in vain.
        Socket.Select(_readable, null, null, (int)Math.Ceiling(patience.TotalMilliseconds) * 1000);
        Interlocked.Exchange(ref _asleep, 0);
        foreach (var socket in _readable)
        {
            if (socket == _waker)
                ForgetWakes();
            // Whoever was handled before may have left this one alone.
            else if (_watched.TryGetValue(socket, out var onReadable))
                onReadable();
        }

        _readable.Clear();
    }

    private void Wake()
    {
        try
        {
            _waker.Send([1], SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and with it the need.
        }
    }

    private void ForgetWakes()
    {
        Span<byte> wake = stackalloc byte[1];
        while (_waker.Receive(wake, SocketFlags.None, out _) > 0) { }
    }

    private void PassOn()
    {
        while (_work.TryDequeue(out var work))
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    /// <summary>A socket that is connected with itself: nobody else's packets arrive there.</summary>
    private static Socket CreateWaker()
    {
        // On Linux one without an address on any network, so that no firewall is in its way.
        var isLinux = OperatingSystem.IsLinux();
        var socket = isLinux
            ? new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(
            isLinux
                ? new UnixDomainSocketEndPoint($"\0failover-lifeline-{Guid.NewGuid()}")
                : new IPEndPoint(IPAddress.Loopback, 0)
        );
        socket.Connect(socket.LocalEndPoint!);
        socket.Blocking = false;
        return socket;
    }

    private sealed class Posted(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    /// <summary>What is due again and again. One that is late shortens the time to the next; what was missed is not made up for.</summary>
    /// <param name="now">When it is due first, on the clock of <see cref="Stopwatch"/>.</param>
    internal sealed class Beat(TimeSpan interval, Action due, long now) : IDisposable
    {
        private volatile bool _stopped;

        private long _dueAt = now;

        public bool IsStopped => _stopped;

        /// <summary>The next time is then, and no sooner. On the loop's thread.</summary>
        public void Next(TimeSpan within) => _dueAt = After(Stopwatch.GetTimestamp(), within);

        public TimeSpan Left(long now) => Stopwatch.GetElapsedTime(now, _dueAt);

        public void RunIfDue(long now)
        {
            var left = Left(now);
            if (left > TimeSpan.Zero)
                return;
            _dueAt = After(now, left > -interval ? left + interval : interval);
            due();
        }

        public void Dispose() => _stopped = true;

        private static long After(long now, TimeSpan time) => now + (long)(time.TotalSeconds * Stopwatch.Frequency);
    }
}
