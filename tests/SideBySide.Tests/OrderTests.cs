using Failover.Bench;
using Failover.Bench.SideBySide;

namespace Failover.SideBySide.Tests;

public sealed class OrderTests
{
    [Fact]
    public void Everything_is_measured_unless_one_thing_is_asked_for()
    {
        Assert.True(Order.From([], TextWriter.Null)!.Asks("freeze"));

        var order = Order.From(["kill", "--rounds", "3", "--only", "etcd"], TextWriter.Null)!;

        Assert.True(order.Asks("kill"));
        Assert.False(order.Asks("freeze"));
        Assert.Equal(3, order.Rounds);
        Assert.Equal("etcd", order.Only);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("kill", "--rounds", "0")]
    [InlineData("--rounds")]
    [InlineData("--document", "no-such-file")]
    public void What_makes_no_sense_is_refused_with_a_line(params string[] arguments)
    {
        var errors = new StringWriter();

        Assert.Null(Order.From(arguments, errors));

        Assert.StartsWith("error: ", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantile_is_one_of_the_values()
    {
        Assert.Equal(2, Quantile.Of([4, 1, 3, 2], 0.5));
        Assert.Equal(4, Quantile.Of([4, 1, 3, 2], 0.99));
        Assert.Equal(1, Quantile.Of([4, 1, 3, 2], 0));
    }

    [Fact]
    public void A_table_is_aligned_markdown()
    {
        var table = new Table("who", "p50");
        table.Add("ours", "7 ms");

        Assert.Equal("| who  |  p50 |\n| ---- | ---: |\n| ours | 7 ms |\n", table.ToString());
    }
}
