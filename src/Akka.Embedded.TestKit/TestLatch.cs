namespace Akka.TestKit;

/// <summary>Opens after a number of count-downs, or at once; waiting for a closed one ends with an exception.</summary>
public class TestLatch
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly int _count;
    private readonly TimeSpan _defaultTimeout;
    private readonly Func<TimeSpan, TimeSpan> _dilate;
    private int _remaining;

    public TestLatch()
        : this(1) { }

    public TestLatch(int count)
        : this(count, DefaultTimeout) { }

    public TestLatch(int count, TimeSpan defaultTimeout)
        : this(static timeout => timeout, defaultTimeout, count) { }

    protected TestLatch(Func<TimeSpan, TimeSpan> dilate, TimeSpan defaultTimeout, int count)
    {
        _dilate = dilate;
        _defaultTimeout = defaultTimeout;
        _count = count;
        _remaining = count;
    }

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _remaining == 0;
            }
        }
    }

    /// <summary>One less to wait for; an open latch stays open.</summary>
    public void CountDown()
    {
        lock (_gate)
        {
            Set(Math.Max(0, _remaining - 1));
        }
    }

    public void Open() => Set(0);

    /// <summary>Closes the latch with the count it began with.</summary>
    public void Reset() => Set(_count);

    /// <exception cref="TimeoutException">The latch is still closed after <paramref name="timeout"/>.</exception>
    public void Ready(TimeSpan timeout)
    {
        var dilated = _dilate(timeout);
        var deadline = TestKitBase.Now + dilated;
        lock (_gate)
        {
            while (_remaining > 0)
            {
                var left = deadline - TestKitBase.Now;
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                    throw new TimeoutException($"The latch is still closed after {dilated}: {_remaining} to go");
            }
        }
    }

    public void Ready() => Ready(_defaultTimeout);

    internal static TestLatch Create(TestKitBase kit, int count) =>
        new(kit.Dilated, kit.TestKitSettings.DefaultTimeout, count);

    private void Set(int remaining)
    {
        lock (_gate)
        {
            _remaining = remaining;
            Monitor.PulseAll(_gate);
        }
    }
}
