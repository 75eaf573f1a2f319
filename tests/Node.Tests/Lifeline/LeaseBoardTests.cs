using Failover.Core;
using Failover.Node.Lifeline;

namespace Failover.Node.Tests.Lifeline;

public sealed class LeaseBoardTests
{
    private static readonly PartitionId P1 = new(1);

    private readonly LeaseBoard _board = new(partitions: 2);

    [Fact]
    public void A_renewal_that_nobody_waits_for_is_found_and_not_told()
    {
        Assert.False(_board.Publish(P1, Until(1)));

        Assert.Equal(Until(1), _board.Of(P1));
        Assert.Null(_board.Of(new PartitionId(0)).HeldUntil);
    }

    [Fact]
    public void Whoever_waits_is_told_once()
    {
        Assert.True(_board.Await(P1, _board.Of(P1)));

        Assert.True(_board.Publish(P1, Until(1)));
        Assert.False(_board.Publish(P1, Until(2)));
    }

    [Fact]
    public void Whoever_begins_to_wait_when_it_has_come_already_finds_it()
    {
        var known = _board.Of(P1);
        _board.Publish(P1, Until(1));

        Assert.False(_board.Await(P1, known));
    }

    [Fact]
    public void What_is_published_again_is_no_news()
    {
        _board.Publish(P1, Until(1));
        _board.Await(P1, _board.Of(P1));

        Assert.False(_board.Publish(P1, Until(1)));
        Assert.True(_board.Publish(P1, Until(2)));
    }

    private static LeaseBoard.Lease Until(int seconds) => new(new Epoch(3), new Instant(TimeSpan.FromSeconds(seconds)));
}
