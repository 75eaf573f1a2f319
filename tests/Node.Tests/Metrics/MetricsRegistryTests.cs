using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Failover.Node.Metrics;

namespace Failover.Node.Tests.Metrics;

public sealed class MetricsRegistryTests : IDisposable
{
    private readonly MetricsRegistry _registry = new();

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void A_counter_adds_up_per_label()
    {
        var counter = _registry.Meter.CreateCounter<long>("jobs_total", description: "Jobs.");
        counter.Add(1, Label("kind", "a"));
        counter.Add(2, Label("kind", "b"));
        counter.Add(3, Label("kind", "a"));

        Assert.Equal(
            """
            # HELP jobs_total Jobs.
            # TYPE jobs_total counter
            jobs_total{kind="a"} 4
            jobs_total{kind="b"} 2

            """,
            Text()
        );
    }

    [Fact]
    public void A_histogram_counts_into_buckets_that_add_up()
    {
        var histogram = _registry.Meter.CreateHistogram(
            "wait_seconds",
            description: "Wait.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5] }
        );
        foreach (var value in (double[])[0.05, 0.1, 0.25, 2])
            histogram.Record(value, Label("op", "x"));

        Assert.Equal(
            """
            # HELP wait_seconds Wait.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{op="x",le="0.1"} 2
            wait_seconds_bucket{op="x",le="0.5"} 3
            wait_seconds_bucket{op="x",le="+Inf"} 4
            wait_seconds_sum{op="x"} 2.4
            wait_seconds_count{op="x"} 4

            """,
            Text()
        );
    }

    [Fact]
    public void Labels_and_help_are_escaped()
    {
        var gauge = _registry.Meter.CreateGauge<double>("odd", description: "One\\two\nthree.");
        gauge.Record(double.PositiveInfinity, Label("path", "C:\\a \"b\"\nc"));

        Assert.Equal(
            """
            # HELP odd One\\two\nthree.
            # TYPE odd gauge
            odd{path="C:\\a \"b\"\nc"} +Inf

            """,
            Text()
        );
        PrometheusFormat.Read(Text());
    }

    [Fact]
    public void What_is_no_longer_observed_vanishes()
    {
        var peers = new List<string> { "app1", "app2" };
        _registry.Meter.CreateObservableGauge(
            "peer",
            () => peers.Select(p => new Measurement<long>(1, Label("peer", p))),
            description: "Peers."
        );
        Assert.Contains("peer{peer=\"app2\"} 1", Text(), StringComparison.Ordinal);

        peers.Remove("app2");

        Assert.DoesNotContain("app2", Text(), StringComparison.Ordinal);
        Assert.Contains("peer{peer=\"app1\"} 1", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_observed_counter_is_told_as_it_is_not_added_up()
    {
        _registry.Meter.CreateObservableCounter("seen_total", () => 7L, description: "Seen.");
        Text();

        Assert.Contains("seen_total 7\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_can_be_shown_before_anything_was_measured()
    {
        _registry.Expose(_registry.Meter.CreateCounter<long>("a_total", description: "A."), Label("kind", "x"));
        _registry.Expose(_registry.Meter.CreateHistogram<double>("b_seconds", description: "B."));

        var samples = PrometheusFormat.Read(Text()).Samples;

        Assert.Equal(0, samples["a_total{kind=\"x\"}"]);
        Assert.Equal(0, samples["b_seconds_count"]);
    }

    [Fact]
    public void Another_registry_measures_for_itself()
    {
        using var other = new MetricsRegistry();
        var here = _registry.Meter.CreateCounter<long>("a_total", description: "A.");
        var there = other.Meter.CreateCounter<long>("a_total", description: "A.");

        here.Add(1);
        there.Add(5);

        Assert.Contains("a_total 1\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_labels_end_in_one_series()
    {
        var counter = _registry.Meter.CreateCounter<long>("a_total", description: "A.");
        for (var i = 0; i < 1500; i++)
            counter.Add(1, Label("n", i.ToString(System.Globalization.CultureInfo.InvariantCulture)));

        var samples = PrometheusFormat.Read(Text()).Samples;

        Assert.Equal(1000, samples.Count);
        Assert.Equal(501, samples["a_total{overflow=\"true\"}"]);
    }

    [Fact]
    public void Measuring_from_many_threads_loses_nothing()
    {
        var counter = _registry.Meter.CreateCounter<long>("a_total", description: "A.");
        var histogram = _registry.Meter.CreateHistogram<double>("b_seconds", description: "B.");
        Parallel.For(
            0,
            8,
            thread =>
            {
                for (var i = 0; i < 10_000; i++)
                {
                    counter.Add(1, Label("n", $"{i % 5}"));
                    histogram.Record(0.001);
                }
            }
        );

        var samples = PrometheusFormat.Read(Text()).Samples;

        Assert.Equal(16_000, samples["a_total{n=\"3\"}"]);
        Assert.Equal(80_000, samples["b_seconds_count"]);
    }

    [Fact]
    public void Recording_a_known_series_allocates_nothing()
    {
        var metrics = new FailoverMetrics(_registry);
        void Record()
        {
            for (var i = 0; i < 1000; i++)
                metrics.Write(TimeSpan.FromMilliseconds(1), "ok");
        }
        Record();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Record();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("with-dash")]
    [InlineData("with.dot")]
    [InlineData("jobs")]
    public void A_counter_with_a_bad_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => _registry.Meter.CreateCounter<long>(name));

    private string Text()
    {
        var output = new ArrayBufferWriter<byte>();
        _registry.WriteTo(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
