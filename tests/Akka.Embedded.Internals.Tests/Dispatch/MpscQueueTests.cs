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
    public void Loses_and_repeats_nothing_of_several_producers_and_keeps_the_order_of_each()
    {
        const int producers = 3;
        const int each = 200_000;
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
}
