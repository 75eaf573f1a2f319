using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Failover.Node.Metrics;
using Failover.Node.Tests.Http;

namespace Failover.Node.Tests.Metrics;

public sealed partial class DeployedFilesTests
{
    [Theory]
    [InlineData("alerts.yml")]
    [InlineData("dashboard.json")]
    public void Ask_only_for_metrics_that_a_node_has(string file)
    {
        using var registry = new MetricsRegistry();
        _ = new FailoverMetrics(registry);
        _ = new RequestMetrics(registry);
        SnapshotMetrics.Register(registry, new FakeService(), "1.0");

        var asked = Metric().Matches(File.ReadAllText(Path.Combine("deploy", file))).Select(m => m.Groups[1].Value);

        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(NamesIn(registry)));
    }

    private static HashSet<string> NamesIn(MetricsRegistry registry)
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == registry.Meter)
                    names.Add(instrument.Name);
            },
        };
        listener.Start();
        return names;
    }

    [GeneratedRegex(@"\b((?:failover|leader|messages|process)_[a-z_]+?)(?:_bucket|_count|_sum)?\b")]
    private static partial Regex Metric();
}
