using Akka.Dispatch;

namespace Akka.Embedded.Internals.Tests.Dispatch;

public sealed class SpareArraysTests
{
    private readonly SpareArrays<int> _spares = new(most: 3, trimEvery: TimeSpan.FromDays(1));

    [Fact]
    public void Gives_back_what_was_kept_with_where_it_begins()
    {
        var array = new int[4];
        _spares.Keep(array, 17);

        Assert.True(_spares.TryTake(out var taken, out var begin));
        Assert.Same(array, taken);
        Assert.Equal(17, begin);
        Assert.False(_spares.TryTake(out _, out _));
    }

    [Fact]
    public void Keeps_no_more_than_allowed()
    {
        Keep(5);

        Assert.Equal(3, _spares.Count);
    }

    [Fact]
    public void What_is_not_needed_between_two_trims_is_dropped()
    {
        Keep(3);
        _spares.Trim();
        Assert.Equal(3, _spares.Count);

        // Two at a time are in use, the third never is.
        Assert.True(_spares.TryTake(out _, out _));
        Assert.True(_spares.TryTake(out _, out _));
        Keep(2);
        _spares.Trim();
        Assert.Equal(2, _spares.Count);

        _spares.Trim();
        Assert.Equal(0, _spares.Count);
    }

    [Fact]
    public async Task Trims_by_itself_until_nothing_is_left()
    {
        var spares = new SpareArrays<int>(most: 3, trimEvery: TimeSpan.FromMilliseconds(1));
        spares.Keep([], 0);

        while (spares.Count > 0)
            await Task.Yield();

        Assert.False(spares.TryTake(out _, out _));
    }

    private void Keep(int count)
    {
        for (var i = 0; i < count; i++)
            _spares.Keep([], 0);
    }
}
