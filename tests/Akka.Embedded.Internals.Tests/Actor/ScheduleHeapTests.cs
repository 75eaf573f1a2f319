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
                    var becameFirst = heap.Add(entry, entry.Due);
                    Assert.Equal(expected.TrueForAll(other => other.Due > entry.Due), becameFirst);
                    expected.Add(entry);
                    break;
            }
        }

        var rest = new List<long>();
        for (; !heap.IsEmpty; heap.TakeFirst())
            rest.Add(heap.First.Due);
        Assert.Equal(expected.Select(entry => entry.Due).Order(), rest);
    }

    private sealed class Entry : IScheduled
    {
        public long Due { get; init; }

        public int Place { get; set; } = -1;

        public void Run() { }
    }
}
