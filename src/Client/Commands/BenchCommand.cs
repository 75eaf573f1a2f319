using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Failover.Client.Api;
using Failover.Client.Load;
using Failover.Client.Output;

namespace Failover.Client.Commands;

/// <summary>Load with live progress; kill the primary meanwhile, and the longest write gap says what it cost.</summary>
internal static class BenchCommand
{
    public static Command Create(Surroundings surroundings, RemoteOptions remote)
    {
        var defaults = new LoadOptions();
        var clients = Whole("--clients", "callers at the same time", defaults.Clients, 1, 10_000);
        var seconds = Whole("--seconds", "how long", (int)defaults.Duration.TotalSeconds, 1, 86_400);
        var size = Whole("--size", "bytes of each value", defaults.Size, 0, 1_048_574);
        var keys = Whole("--keys", "how many keys", defaults.Keys, 1, 1_000_000);
        var mode = new Option<string>("--mode")
        {
            Description = "write, read or mixed (half and half)",
            HelpName = "write|read|mixed",
            DefaultValueFactory = _ => "write",
        };
        mode.AcceptOnlyFromAmong("write", "read", "mixed");
        return remote.Command(
            "bench",
            "Load: throughput, latency percentiles, errors, and the longest gap between acknowledged writes",
            async (api, parsed, cancel) =>
                await RunAsync(
                    api,
                    new LoadOptions
                    {
                        Clients = parsed.GetValue(clients),
                        Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                        Size = parsed.GetValue(size),
                        Keys = parsed.GetValue(keys),
                        Mode = Enum.Parse<LoadMode>(parsed.GetRequiredValue(mode), ignoreCase: true),
                    },
                    parsed.GetValue(remote.Json),
                    surroundings,
                    cancel
                ),
            clients,
            seconds,
            size,
            mode,
            keys,
            remote.Json
        );
    }

    private static async Task RunAsync(
        FormationApi api,
        LoadOptions options,
        bool json,
        Surroundings surroundings,
        CancellationToken cancel
    )
    {
        await FollowThePrimaryAsync(api, cancel);
        var generator = new LoadGenerator(api.Client, options, TimeProvider.System);
        var progress = new ProgressLine(surroundings);
        var result = await generator.RunAsync(progress.Show, cancel);
        progress.Clear();
        if (json)
            await surroundings.Out.WriteLineAsync(ToJson(result, options));
        else
            Write(result, options, surroundings);
        await generator.CleanUpAsync(surroundings.Interruption.Insisted);
        if (result.Writes + result.Reads == 0 && !cancel.IsCancellationRequested)
            throw new CommandException("not one operation succeeded");
    }

    // The run must survive the death of the node it was pointed at, and should not measure the way through another node.
    private static async Task FollowThePrimaryAsync(FormationApi api, CancellationToken cancel)
    {
        var cluster = await api.ClusterAsync(cancel);
        var nodes = (cluster.Nodes ?? []).Where(node => node.Http is not null).ToArray();
        api.Client.Learn(nodes.Select(node => new Uri(node.Http!)));
        var primary = cluster.Partitions is [var only] ? only.Primary : null;
        if (nodes.FirstOrDefault(node => node.Node == primary)?.Http is { } http)
            api.Client.Prefer(new Uri(http));
    }

    private static void Write(LoadResult result, LoadOptions options, Surroundings surroundings)
    {
        var table = new TextTable("Measure", "Value");
        foreach (var (name, value) in Figures(result, options))
            table.Add(name, value);
        table.Write(surroundings);
    }

    private static IEnumerable<(string Name, string Value)> Figures(LoadResult result, LoadOptions options)
    {
        yield return (
            "mode",
            Invariant($"{options.Mode.ToString().ToLowerInvariant()}, {options.Clients} clients, {options.Size} bytes")
        );
        yield return ("time", Invariant($"{result.Elapsed.TotalSeconds:0.0} s"));
        yield return ("throughput", Invariant($"{result.PerSecond:0} operations/s"));
        yield return ("writes", Invariant($"{result.Writes}"));
        yield return ("reads", Invariant($"{result.Reads}"));
        yield return (
            "errors",
            result.Errors == 0
                ? "0"
                : $"{result.Errors} ({string.Join(", ", result.ErrorKinds.Select(kind => $"{kind.Value} × {kind.Key}"))})"
        );
        foreach (var (name, fraction) in Percentiles)
            yield return ($"latency {name}", Milliseconds(result.Latency.Percentile(fraction)));
        yield return ("latency max", Milliseconds(result.Latency.Max));
        if (result.LongestWriteGap is { } gap)
            yield return ("longest write gap", Milliseconds(gap));
    }

    private static readonly (string Name, double Fraction)[] Percentiles =
    [
        ("p50", 0.5),
        ("p90", 0.9),
        ("p99", 0.99),
        ("p99.9", 0.999),
    ];

    private static string ToJson(LoadResult result, LoadOptions options)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("mode", options.Mode.ToString().ToLowerInvariant());
            json.WriteNumber("clients", options.Clients);
            json.WriteNumber("size", options.Size);
            json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 3));
            json.WriteNumber("operationsPerSecond", Math.Round(result.PerSecond, 1));
            json.WriteNumber("writes", result.Writes);
            json.WriteNumber("reads", result.Reads);
            json.WriteNumber("errors", result.Errors);
            json.WriteStartObject("latencyMs");
            foreach (var (name, fraction) in Percentiles)
                json.WriteNumber(name, Math.Round(result.Latency.Percentile(fraction).TotalMilliseconds, 3));
            json.WriteNumber("max", Math.Round(result.Latency.Max.TotalMilliseconds, 3));
            json.WriteEndObject();
            if (result.LongestWriteGap is { } gap)
                json.WriteNumber("longestWriteGapMs", Math.Round(gap.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static Option<int> Whole(string name, string description, int otherwise, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
        };
        Numbers.Check(option, least, most);
        return option;
    }

    private static string Milliseconds(TimeSpan time) => Invariant($"{time.TotalMilliseconds:0.00} ms");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The progress on one line of a terminal; once a second a line on stderr otherwise, so that stdout holds the result alone.</summary>
    private sealed class ProgressLine(Surroundings surroundings)
    {
        private LoadProgress _former = new(TimeSpan.Zero, 0, 0);

        public void Show(LoadProgress now)
        {
            var rate =
                (now.Operations - _former.Operations) / Math.Max(0.001, (now.Elapsed - _former.Elapsed).TotalSeconds);
            _former = now;
            var line = Invariant(
                $"{now.Elapsed.TotalSeconds, 4:0} s  {rate, 8:0} operations/s  {now.Operations, 10} in all  {now.Errors} errors"
            );
            if (surroundings.IsStyled)
                surroundings.Out.Write("\r" + line);
            else
                surroundings.Error.WriteLine(line);
        }

        public void Clear()
        {
            if (surroundings.IsStyled)
                surroundings.Out.Write("\r\x1b[2K");
        }
    }
}
