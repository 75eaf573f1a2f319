using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Akka.Dispatch;

/// <summary>An unbounded first-in-first-out queue of values for many producers and one consumer.</summary>
/// <remarks>
/// A ring that is reused while it suffices (no allocation per item), replaced by one of twice the size when it
/// is full. Each slot carries a sequence number that says whose turn it is, as in Dmitry Vyukov's bounded queue.
/// The largest rings lend their slots from <see cref="SpareArrays{T}"/> and give them back drained: a queue that is long,
/// or long again and again, allocates nothing either, and one that was long keeps a single ring.
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

    // Below what the collector calls a large object: such an array is young like what it holds.
    private const int LargestBytes = 64 * 1024;

    private const int MostSpareBytes = 32 * 1024 * 1024;

    // A power of two, and set before what needs it.
    private static readonly int LargestCapacity = 1 << BitOperations.Log2((uint)(LargestBytes / Unsafe.SizeOf<Slot>()));

    // A static field of a generic class: each kind of item has its own spares.
    private static readonly SpareArrays<Slot> Spares = new(
        MostSpareBytes / (LargestCapacity * Unsafe.SizeOf<Slot>()),
        SpareArrays.KeptFor
    );

    private readonly Lock _growing = new();
    private Ring _tail;
    private Ring _head;

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
            // Or one dead ring that is old keeps all that came after it until the collector looks at the old ones.
            drained.Next = null;
            if (drained.Capacity == LargestCapacity)
                Spares.Keep(drained.Slots, drained.Head);
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

    private static Ring Next(int capacity) =>
        capacity == LargestCapacity && Spares.TryTake(out var slots, out var begin)
            ? new Ring(slots, begin)
            : new Ring(capacity);

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public T Item;
        public long Sequence;
    }

    /// <remarks>
    /// The ring is new each time, only its slots are not: a producer that has slept since it read the tail may hold a ring
    /// whose slots serve another queue by now. It finds the tail frozen, since that never thaws, and has at most looked at
    /// a sequence number.
    /// </remarks>
    private sealed class Ring
    {
        // In a tail: no producer gets in any more. Positions count from 0 and never come so far.
        private const long Frozen = long.MinValue;

        public Ring? Next;

        private readonly Slot[] _slots;
        private readonly int _mask;
        private QueuePositions _positions;

        public Ring(int capacity)
            : this(new Slot[capacity], 0)
        {
            for (var i = 0; i < capacity; i++)
                _slots[i].Sequence = i;
        }

        /// <param name="slots">Those of a ring that was drained.</param>
        /// <param name="begin">Where its head was: each slot's number is that of its next turn from there on.</param>
        public Ring(Slot[] slots, long begin)
        {
            _slots = slots;
            _mask = slots.Length - 1;
            _positions.Head = _positions.Tail = begin;
        }

        public int Capacity => _slots.Length;

        public Slot[] Slots => _slots;

        public long Head => _positions.Head;

        public bool IsEmpty => Count == 0;

        public int Count
        {
            get
            {
                var head = Volatile.Read(ref _positions.Head);
                return (int)((Volatile.Read(ref _positions.Tail) & ~Frozen) - head);
            }
        }

        public bool TryEnqueue(in T item)
        {
            while (true)
            {
                var tail = Volatile.Read(ref _positions.Tail);
                if (tail < 0)
                    return false;
                ref var slot = ref _slots[(int)tail & _mask];
                var turn = Volatile.Read(ref slot.Sequence) - tail;
                if (turn == 0)
                {
                    if (Interlocked.CompareExchange(ref _positions.Tail, tail + 1, tail) != tail)
                        continue;
                    slot.Item = item;
                    Volatile.Write(ref slot.Sequence, tail + 1);
                    return true;
                }

                // Behind: the slot still holds an item from one round ago, the ring is full.
                if (turn < 0)
                    return false;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryDequeue(out T item)
        {
            var head = _positions.Head;
            ref var slot = ref _slots[(int)head & _mask];
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
        public void Freeze() => Interlocked.Or(ref _positions.Tail, Frozen);
    }
}

/// <summary>Head and tail on cache lines of their own: one is written by the consumer, one by the producers.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct QueuePositions
{
    [FieldOffset(64)]
    public long Head;

    [FieldOffset(128)]
    public long Tail;
}
