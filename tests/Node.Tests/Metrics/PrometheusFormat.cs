using System.Globalization;
using System.Text.RegularExpressions;

namespace Failover.Node.Tests.Metrics;

/// <summary>A strict reader of Prometheus' text format 0.0.4: what it does not accept, a server would not.</summary>
internal sealed partial class PrometheusFormat
{
    private readonly Dictionary<string, string> _types = [];
    private readonly Dictionary<string, double> _samples = [];

    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>Value by name and labels, as written.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    public static PrometheusFormat Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var read = new PrometheusFormat();
        var helped = new HashSet<string>();
        string? family = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help.Match(line) is { Success: true } help)
            {
                family = help.Groups[1].Value;
                Assert.True(helped.Add(family), $"{family} comes twice");
            }
            else if (Type.Match(line) is { Success: true } type)
            {
                Assert.Equal(family, type.Groups[1].Value);
                read._types.Add(family!, type.Groups[2].Value);
            }
            else
                read.Sample(line, family);
        }
        read.CheckHistograms();
        return read;
    }

    private void Sample(string line, string? family)
    {
        var match = SampleLine.Match(line);
        Assert.True(match.Success, $"not a line of the format: {line}");
        var name = match.Groups["name"].Value;
        Assert.NotNull(family);
        string[] names =
            _types[family] == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : [family];
        Assert.Contains(name, names);
        var value = match.Groups["value"].Value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            var number => double.Parse(number, CultureInfo.InvariantCulture),
        };
        Assert.True(_samples.TryAdd(name + match.Groups["labels"].Value, value), $"the series comes twice: {line}");
    }

    /// <summary>Buckets never fall, and the last one is +Inf and equals the count.</summary>
    private void CheckHistograms()
    {
        foreach (var family in _types.Where(t => t.Value == "histogram").Select(t => t.Key))
        {
            var buckets =
                from sample in _samples
                let match = Bucket.Match(sample.Key)
                where match.Success && match.Groups["name"].Value == family
                group (Bound: match.Groups["le"].Value, sample.Value) by match.Groups["rest"].Value.TrimEnd(',');
            Assert.NotEmpty(buckets);
            foreach (var series in buckets)
            {
                var counts = series.Select(b => b.Value).ToList();
                Assert.Equal(counts.Order(), counts);
                Assert.Equal("+Inf", series.Last().Bound);
                var labels = series.Key.Length == 0 ? "" : $"{{{series.Key}}}";
                Assert.Equal(_samples[$"{family}_count{labels}"], counts[^1]);
                Assert.Contains($"{family}_sum{labels}", _samples.Keys);
            }
        }
    }

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)+$")]
    private static partial Regex Help { get; }

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex Type { get; }

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\\\|\\"|\\n)*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\\\|\\"|\\n)*")*\})? (?<value>[-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf)|NaN)$"""
    )]
    private static partial Regex SampleLine { get; }

    [GeneratedRegex("""^(?<name>.*)_bucket\{(?<rest>.*)le="(?<le>[^"]*)"\}$""")]
    private static partial Regex Bucket { get; }
}
