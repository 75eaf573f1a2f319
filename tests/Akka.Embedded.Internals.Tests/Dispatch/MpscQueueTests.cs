using Akka.Dispatch;

namespace Akka.Embedded.Internals.Tests.Dispatch;

public sealed class MpscQueueTests
{
    [Fact]
    public void Gives_back_what_was_put_in_in_order_while_it_grows_and_is_reused()
    {
        var queue = new MpscQueue<int>();
        var (put, taken) = (0, 0);
        // Bursts below, at and beyond the size of a ring, with and without draining in between.
        foreach (
            var (puts, takes) in new[] { (1, 1), (16, 16), (15, 3), (17, 29), (100, 50), (1, 51), (70_000, 70_000) }
        )
        {
            for (var i = 0; i < puts; i++)
                queue.Enqueue(put++);
            Assert.Equal(put - taken, queue.Count);
            for (var i = 0; i < takes; i++)
            {
                Assert.True(queue.TryDequeue(out var item));
                Assert.Equal(taken++, item);
            }
        }

        Assert.True(queue.IsEmpty);
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void A_queue_that_is_long_again_and_again_allocates_a_few_bytes_for_each_ring()
    {
        const int items = 300_000;
        var queue = new MpscQueue<int>();
        FillAndDrain(queue, items);

        // The spare slots may be dropped while others run; not before each of ten rounds.
        var allocated = Enumerable
            .Range(0, 10)
            .Min(_ =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                FillAndDrain(queue, items);
                return GC.GetAllocatedBytesForCurrentThread() - before;
            });

        Assert.InRange(allocated, 0, items / 10);
    }

    private static void FillAndDrain(MpscQueue<int> queue, int count)
    {
        for (var i = 0; i < count; i++)
            queue.Enqueue(i);
        for (var i = 0; i < count; i++)
        {
            if (!queue.TryDequeue(out var item) || item != i)
                Assert.Fail($"{item} instead of {i}");
        }
    }

    /// <param name="backlog">How many items the consumer lets gather before it takes all there are.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(150_000)]
    public void Loses_and_repeats_nothing_of_several_producers_and_keeps_the_order_of_each(int backlog)
    {
        const int producers = 3;
        const int each = 400_000;
        var queue = new MpscQueue<(int Producer, int Number)>();
        var threads = Enumerable
            .Range(0, producers)
            .Select(producer => new Thread(() =>
            {
                for (var i = 0; i < each; i++)
                    queue.Enqueue((producer, i));
            }))
            .ToArray();
        foreach (var thread in threads)
            thread.Start();

        var next = new int[producers];
        var spin = new SpinWait();
        for (var taken = 0; taken < producers * each; )
        {
            if (!queue.TryDequeue(out var item))
            {
                while (queue.Count < Math.Min(backlog, (producers * each) - taken))
                    spin.SpinOnce();
                continue;
            }

            Assert.Equal(next[item.Producer]++, item.Number);
            taken++;
        }

        foreach (var thread in threads)
            thread.Join();
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void Queues_that_hand_their_slots_to_each_other_never_mix_their_items()
    {
        const int each = 500_000;
        var queues = Enumerable
            .Range(0, 3)
            .Select(_ => new MpscQueue<(int Queue, int Producer, int Number)>())
            .ToArray();
        var producers = queues.SelectMany(
            (queue, number) =>
                Enumerable
                    .Range(0, 2)
                    .Select(producer => new Thread(() =>
                    {
                        for (var i = 0; i < each; i++)
                            queue.Enqueue((number, producer, i));
                    }))
        );
        var threads = producers.ToList();
        threads.ForEach(static thread => thread.Start());

        // One consumer that takes long turns, so that each queue grows while another one is emptied.
        var next = new int[queues.Length, 2];
        for (var left = queues.Length * 2 * each; left > 0; )
        {
            for (var number = 0; number < queues.Length; number++)
            {
                for (var turn = 0; turn < 100_000 && queues[number].TryDequeue(out var item); turn++, left--)
                {
                    if (item.Queue != number || item.Number != next[number, item.Producer]++)
                        Assert.Fail($"{item} out of queue {number}");
                }
            }
        }

        threads.ForEach(static thread => thread.Join());
        Assert.All(queues, static queue => Assert.True(queue.IsEmpty));
    }
}
