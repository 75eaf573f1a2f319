namespace Failover.Node.Storage;

/// <summary>
/// A bounded queue whose one consumer takes everything at once: what was enqueued while it worked is its next group.
/// </summary>
/// <remarks>Any thread may enqueue or close; one thread takes. Enqueuing keeps the order of one producer's calls.</remarks>
internal sealed class GroupQueue<T>(int maximumItems, long maximumBytes)
{
    private readonly object _gate = new(); // Monitor's Wait and Pulse have no counterpart on Lock.
    private List<T> _waiting = [];
    private int _items;
    private long _bytes;
    private bool _closed;
    private bool _taking;

    /// <summary>Blocks while the queue is full. Something larger than the queue is taken when nothing else waits.</summary>
    /// <param name="item">What is to be done.</param>
    /// <param name="items">How many items it counts for.</param>
    /// <param name="bytes">How many bytes it counts for.</param>
    /// <returns>Whether it was taken: not after the queue was closed.</returns>
    public bool Enqueue(T item, int items, long bytes)
    {
        lock (_gate)
        {
            while (!_closed && _items > 0 && (_items + items > maximumItems || _bytes + bytes > maximumBytes))
                System.Threading.Monitor.Wait(_gate);
            if (_closed)
                return false;
            _waiting.Add(item);
            _items += items;
            _bytes += bytes;
            if (_taking)
                System.Threading.Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Waits for something to do and takes all there is.</summary>
    /// <param name="group">Empty; filled when this returns true, and free to be given again.</param>
    /// <returns>False once the queue is closed and everything was taken.</returns>
    public bool TakeAll(ref List<T> group)
    {
        lock (_gate)
        {
            _taking = true;
            while (_waiting.Count == 0 && !_closed)
                System.Threading.Monitor.Wait(_gate);
            _taking = false;
            if (_waiting.Count == 0)
                return false;
            (group, _waiting) = (_waiting, group);
            _items = 0;
            _bytes = 0;
            System.Threading.Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Lets nothing more in and wakes everyone who waits.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            System.Threading.Monitor.PulseAll(_gate);
        }
    }
}
