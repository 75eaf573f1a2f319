using Failover.Client.Load;

namespace Failover.Client.Tests.Load;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    public void A_percentile_is_at_most_two_percent_above_the_true_one(double fraction)
    {
        var random = new Random(1);
        var durations = Enumerable
            .Range(0, 10_000)
            .Select(_ => TimeSpan.FromMicroseconds(Math.Floor(Math.Exp(random.NextDouble() * 16))))
            .ToArray();
        var histogram = new LatencyHistogram();
        foreach (var duration in durations)
            histogram.Add(duration);

        var exact = durations.Order().ElementAt((int)Math.Ceiling(fraction * durations.Length) - 1);

        Assert.InRange(histogram.Percentile(fraction), exact, exact * 1.02 + TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public void Histograms_add_up()
    {
        var (one, other) = (new LatencyHistogram(), new LatencyHistogram());
        one.Add(TimeSpan.FromMilliseconds(1));
        other.Add(TimeSpan.FromHours(3));

        one.Add(other);

        Assert.Equal((2L, TimeSpan.FromHours(3)), (one.Count, one.Max));
        Assert.Equal(TimeSpan.FromHours(3), one.Percentile(1));
        Assert.InRange(one.Percentile(0.5).TotalMilliseconds, 1, 1.02);
    }

    [Fact]
    public void Nothing_measured_is_no_time() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.99));
}
