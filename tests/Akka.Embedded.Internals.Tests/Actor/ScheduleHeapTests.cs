using Akka.Actor;

namespace Akka.Embedded.Internals.Tests.Actor;

public sealed class ScheduleHeapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Takes_entries_in_the_order_in_which_they_are_due_whatever_was_removed(int seed)
    {
        var random = new Random(seed);
        var heap = new ScheduleHeap();
        var expected = new List<Entry>();
        for (var step = 0; step < 5_000; step++)
        {
            switch (random.Next(4))
            {
                case 0 when expected.Count > 0:
                    var victim = expected[random.Next(expected.Count)];
                    heap.Remove(victim);
                    expected.Remove(victim);
                    break;
                case 1 when !heap.IsEmpty:
                    var (due, first) = heap.First;
                    Assert.Equal(expected.Min(entry => entry.Due), due);
                    heap.TakeFirst();
                    expected.Remove((Entry)first);
                    break;
                default:
                    var entry = new Entry { Due = random.Next(1_000) };
                    heap.Sleep();
                    var isEarlier = heap.Add(entry, entry.Due);
                    Assert.Equal(expected.TrueForAll(other => other.Due > entry.Due), isEarlier);
                    expected.Add(entry);
                    break;
            }
        }

        var rest = new List<long>();
        for (; !heap.IsEmpty; heap.TakeFirst())
            rest.Add(heap.First.Due);
        Assert.Equal(expected.Select(entry => entry.Due).Order(), rest);
    }

    [Fact]
    public void Who_sleeps_is_woken_only_for_what_is_due_before_it_looks_anyway()
    {
        var heap = new ScheduleHeap();
        Entry question = new(),
            next = new();

        Assert.Equal(long.MaxValue, heap.Sleep());
        Assert.True(heap.Add(question, 100));
        Assert.Equal(100, heap.Sleep());

        // Answered in time, as are all that follow it.
        heap.Remove(question);
        Assert.False(heap.Add(next, 150));
        heap.Remove(next);
        Assert.False(heap.Add(question, 200));

        Assert.True(heap.Add(next, 50));
        Assert.Equal(50, heap.Sleep());
        heap.TakeFirst();
        Assert.Equal(200, heap.Sleep());
    }

    private sealed class Entry : IScheduled
    {
        public long Due { get; init; }

        public int Place { get; set; } = -1;

        public void Run() { }
    }
}
