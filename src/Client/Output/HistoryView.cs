using System.Globalization;
using Failover.Client.Api;
using Spectre.Console;

namespace Failover.Client.Output;

/// <summary>What was decided, when, why, and how long it took.</summary>
internal static class HistoryView
{
    private static readonly Style Quiet = new(Color.Grey);

    public static void Write(IReadOnlyList<HistoryEvent> events, Surroundings surroundings)
    {
        if (events.Count == 0)
        {
            surroundings.Out.WriteLine("nothing was decided yet");
            return;
        }

        var table = new TextTable("Version", "At", "Kind", "Change", "Epoch", "Took", "Why")
        {
            Dispensable = ["Version", "Epoch", "At"],
        };
        foreach (var one in events)
            AddTo(table, one);
        table.Write(surroundings);
    }

    private static void AddTo(TextTable table, HistoryEvent one)
    {
        table.Add(
            Number(one.Version),
            new TableCell(At(one), Quiet),
            new TableCell(one.Kind ?? "?", KindStyle(one.Kind)),
            Change(one),
            Number(one.Epoch),
            Took(one.PhasesMs),
            one.Reason ?? ""
        );
        // The evidence follows, line by line, where its reason stands.
        foreach (var evidence in one.Evidence ?? [])
            table.Add("", "", "", "", "", "", new TableCell("· " + evidence, Quiet));
        if (Phases(one.PhasesMs) is { Length: > 0 } phases)
            table.Add("", "", "", "", "", "", new TableCell("· " + phases, Quiet));
    }

    public static string Change(HistoryEvent one)
    {
        var partition = one.Partition is { } number and > 0
            ? string.Create(CultureInfo.InvariantCulture, $"partition {number}: ")
            : "";
        return partition
            + (one.From, one.To) switch
            {
                ({ } from, { } to) => $"{from} → {to}",
                (null, { } to) => $"→ {to}",
                ({ } from, null) => $"{from} →",
                _ => "",
            };
    }

    /// <summary>The whole time, from the old primary's last sign of life, or the last request it admitted, to the new one's first commit.</summary>
    /// <remarks>Each phase is counted from the end of the one before.</remarks>
    public static string Took(PhasesDocument? phases) =>
        phases is { Promoted: { } promoted }
            ? Milliseconds((phases.Drained ?? 0) + (phases.Detected ?? 0) + (phases.Decided ?? 0) + promoted)
            : "";

    private static string Phases(PhasesDocument? phases)
    {
        if (phases is null)
            return "";
        var known = new (string Name, double? At)[]
        {
            ("drained", phases.Drained),
            ("detected", phases.Detected),
            ("decided", phases.Decided),
            ("promoted", phases.Promoted),
        };
        return string.Join(
            ", ",
            known.Where(phase => phase.At is not null).Select(phase => $"{phase.Name} {Milliseconds(phase.At!.Value)}")
        );
    }

    private static string At(HistoryEvent one) =>
        one.At?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) ?? "";

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");

    private static Style KindStyle(string? kind) =>
        kind switch
        {
            "failover" or "forced" => new Style(Color.Red),
            "switchover" => new Style(Color.Green),
            "pause" or "maintenance" => new Style(Color.Yellow),
            _ => Style.Plain,
        };
}
