using System.Buffers;
using System.Globalization;
using System.Text;

namespace Failover.Node.Metrics;

/// <summary>
/// The lines of Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Header(IBufferWriter<byte> output, string name, string help, MetricKind kind)
    {
        var type = kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        Write(output, $"# HELP {name} {EscapeHelp(help)}\n# TYPE {name} {type}\n");
    }

    public static void Sample(IBufferWriter<byte> output, string name, string labels, double value) =>
        Write(output, $"{name}{labels} {Number(value)}\n");

    /// <summary>The labels in braces, or nothing when there are none.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels.IsEmpty)
            return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in labels)
        {
            if (text.Length > 1)
                text.Append(',');
            var written = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(name).Append("=\"").Append(EscapeLabel(written)).Append('"');
        }
        return text.Append('}').ToString();
    }

    /// <summary>The same labels with a histogram bucket's <c>le</c> behind them.</summary>
    public static string WithBound(string labels, double bound) =>
        labels.Length == 0 ? $"{{le=\"{Number(bound)}\"}}" : $"{labels[..^1]},le=\"{Number(bound)}\"}}";

    public static string Number(double value) =>
        value switch
        {
            double.PositiveInfinity => "+Inf",
            double.NegativeInfinity => "-Inf",
            double.NaN => "NaN",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };

    private static string EscapeHelp(string text) => text.Replace("\\", "\\\\").Replace("\n", "\\n");

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"");

    private static void Write(IBufferWriter<byte> output, string line) => Encoding.UTF8.GetBytes(line, output);
}
