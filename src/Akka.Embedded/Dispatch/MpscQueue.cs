using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Akka.Dispatch;

/// <summary>An unbounded first-in-first-out queue of values for many producers and one consumer.</summary>
/// <remarks>
/// A ring that is reused while it suffices (no allocation per item), replaced by one of twice the size when it
/// is full. Each slot carries a sequence number that says whose turn it is, as in Dmitry Vyukov's bounded queue.
/// Drained rings of the largest size are kept for the next time one is full, until a garbage collection wants their
/// memory: a queue that is long, or long again and again, allocates nothing either.
/// <para>
/// <see cref="Enqueue"/> may be called from any thread; <see cref="TryDequeue"/> only by the one consumer.
/// <see cref="IsEmpty"/> compares positions, not slots: a producer moves the tail with an interlocked instruction
/// before it looks whether the consumer sleeps, so that no further fence is needed to avoid a lost wake-up.
/// </para>
/// </remarks>
internal sealed class MpscQueue<T>
    where T : struct
{
    private const int FirstCapacity = 16;
    private const int LargestCapacity = 64 * 1024;

    private readonly Lock _growing = new();
    private Ring _tail;
    private Ring _head;
    private WeakReference<Ring>? _spares;

    public MpscQueue() => _tail = _head = new Ring(FirstCapacity);

    /// <summary>Whether nothing is queued nor about to be.</summary>
    public bool IsEmpty
    {
        get
        {
            var ring = Volatile.Read(ref _head);
            return ring.IsEmpty && Volatile.Read(ref ring.Next) is null;
        }
    }

    /// <summary>How many messages wait; exact only while nobody enqueues.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            for (var ring = Volatile.Read(ref _head); ring is not null; ring = Volatile.Read(ref ring.Next))
                count += ring.Count;
            return count;
        }
    }

    public void Enqueue(in T item)
    {
        var ring = Volatile.Read(ref _tail);
        while (!ring.TryEnqueue(in item))
            ring = Grow(ring);
    }

    /// <summary>Takes the oldest item; false when there is none or its producer has not finished writing it.</summary>
    public bool TryDequeue(out T item)
    {
        var ring = _head;
        while (!ring.TryDequeue(out item))
        {
            // Only a frozen ring has a successor; what was reserved before the freeze must be taken first.
            if (Volatile.Read(ref ring.Next) is not { } next || !ring.IsEmpty)
                return false;
            var drained = ring;
            Volatile.Write(ref _head, ring = next);
            if (drained.Capacity == LargestCapacity)
                Keep(drained);
        }

        return true;
    }

    private Ring Grow(Ring full)
    {
        lock (_growing)
        {
            var tail = _tail;
            if (!ReferenceEquals(tail, full))
                return tail;
            full.Freeze();
            var next = Next(Math.Min(full.Capacity * 2, LargestCapacity));
            Volatile.Write(ref full.Next, next);
            Volatile.Write(ref _tail, next);
            return next;
        }
    }

    private void Keep(Ring drained)
    {
        lock (_growing)
        {
            _spares ??= new WeakReference<Ring>(null!);
            _spares.TryGetTarget(out var others);
            drained.Next = others;
            _spares.SetTarget(drained);
        }
    }

    private Ring Next(int capacity)
    {
        if (_spares is null || !_spares.TryGetTarget(out var spare))
            return new Ring(capacity);
        _spares.SetTarget(spare.Next!);
        // A producer that still holds this ring as the tail of long ago may put its item into it from here on, before it
        // is linked. That is no harm: the one who links it enqueues after that, and so wakes the consumer for both.
        spare.Reuse();
        return spare;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public T Item;
        public int Sequence;
    }

    private sealed class Ring
    {
        public Ring? Next;

        private readonly Slot[] _slots;
        private readonly int _mask;
        private QueuePositions _positions;

        public Ring(int capacity)
        {
            _slots = new Slot[capacity];
            _mask = capacity - 1;
            for (var i = 0; i < capacity; i++)
                _slots[i].Sequence = i;
        }

        public int Capacity => _slots.Length;

        // A frozen ring's tail lies beyond its true one by this much, so that no slot ever matches it again.
        private int FreezeOffset => _slots.Length * 2;

        public bool IsEmpty => Count == 0;

        public int Count
        {
            get
            {
                var head = Volatile.Read(ref _positions.Head);
                var tail = Volatile.Read(ref _positions.Tail);
                var count = tail - head;
                return count > Capacity ? count - FreezeOffset : count;
            }
        }

        public bool TryEnqueue(in T item)
        {
            while (true)
            {
                var tail = Volatile.Read(ref _positions.Tail);
                ref var slot = ref _slots[tail & _mask];
                var turn = Volatile.Read(ref slot.Sequence) - tail;
                if (turn == 0)
                {
                    if (Interlocked.CompareExchange(ref _positions.Tail, tail + 1, tail) != tail)
                        continue;
                    slot.Item = item;
                    Volatile.Write(ref slot.Sequence, tail + 1);
                    return true;
                }

                // Behind: the slot still holds an item from one round ago, the ring is full (or frozen).
                if (turn < 0)
                    return false;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryDequeue(out T item)
        {
            var head = _positions.Head;
            ref var slot = ref _slots[head & _mask];
            if (Volatile.Read(ref slot.Sequence) != head + 1)
            {
                item = default;
                return false;
            }

            item = slot.Item;
            slot.Item = default;
            Volatile.Write(ref slot.Sequence, head + Capacity);
            Volatile.Write(ref _positions.Head, head + 1);
            return true;
        }

        /// <summary>Lets no producer in any more; those that have reserved a slot still finish.</summary>
        public void Freeze() => Interlocked.Add(ref _positions.Tail, FreezeOffset);

        /// <summary>Begins anew where freezing left the tail: positions never repeat, so that no late producer mistakes one.</summary>
        public void Reuse()
        {
            Next = null;
            var tail = Volatile.Read(ref _positions.Tail);
            Volatile.Write(ref _positions.Head, tail);
            // Descending: the slot at the tail is the last, so that nobody gets past the whole ring while it is prepared.
            for (var ahead = Capacity - 1; ahead >= 0; ahead--)
                Volatile.Write(ref _slots[(tail + ahead) & _mask].Sequence, tail + ahead);
        }
    }
}

/// <summary>Head and tail on cache lines of their own: one is written by the consumer, one by the producers.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct QueuePositions
{
    [FieldOffset(64)]
    public int Head;

    [FieldOffset(128)]
    public int Tail;
}
