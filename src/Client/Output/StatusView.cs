using System.Globalization;
using Failover.Client.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Failover.Client.Output;

/// <summary>What <c>status</c>, <c>watch</c> and <c>up</c> show.</summary>
internal static class StatusView
{
    private static readonly Style Quiet = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Busy = new(Color.Yellow);
    private static readonly Style Bad = new(Color.Red);

    public static void Write(ClusterDocument cluster, Surroundings surroundings)
    {
        if (surroundings.IsStyled)
            surroundings.Console.Write(ToStyled(cluster, surroundings.Console.Profile.Width));
        else
        {
            surroundings.Out.WriteLine(Headline(cluster));
            Table(cluster).WritePlain(surroundings.Out);
            foreach (var warning in Warnings(cluster))
                surroundings.Out.WriteLine("! " + warning);
        }
    }

    public static IRenderable ToStyled(ClusterDocument cluster, int width) =>
        new Rows([
            new Text(Headline(cluster), cluster.Paused ? Busy : Quiet),
            Table(cluster).ToStyled(width),
            .. Warnings(cluster).Select(warning => new Text("! " + warning, Busy)),
        ]);

    private static IEnumerable<string> Warnings(ClusterDocument cluster) =>
        (cluster.Problems ?? []).Concat((cluster.Alarms ?? []).Select(alarm => "alarm: " + alarm));

    public static string Headline(ClusterDocument cluster)
    {
        var partitions = cluster.Partitions ?? [];
        var parts = new List<string>
        {
            cluster.Formation is { Length: > 0 } formation ? $"formation {Short(formation)}" : "no formation yet",
            string.Create(CultureInfo.InvariantCulture, $"version {cluster.Version}"),
            $"monitor {cluster.Monitor ?? "none"}",
        };
        parts.AddRange(
            partitions.Select(partition =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(partitions.Count > 1 ? $"partition {partition.Partition}: " : "")}primary {partition.Primary ?? "none"} (epoch {partition.Epoch})"
                )
            )
        );
        if (cluster.Paused)
            parts.Add("automatic failover PAUSED");
        return string.Join(" · ", parts);
    }

    private static TextTable Table(ClusterDocument cluster)
    {
        var several = cluster.Partitions is { Count: > 1 };
        string[] headings =
        [
            "Node",
            "Roles",
            .. several ? ["Partition"] : Array.Empty<string>(),
            "Reported",
            "Assigned",
            "Epoch",
            "Position",
            "Lag",
            "Heartbeat",
            "Reachability",
            "HTTP",
        ];
        var table = new TextTable(headings)
        {
            // The marks beside the reported state say what reachability does, and `--json` says it all.
            Dispensable = ["Reachability", "Roles", "Heartbeat", "HTTP", "Lag", "Position"],
        };
        foreach (var row in StatusRow.From(cluster))
            table.Add([
                row.Node,
                new TableCell(row.Roles, Quiet),
                .. several ? [row.Partition] : Array.Empty<TableCell>(),
                new TableCell(row.Reported, StateStyle(row.Reported)),
                new TableCell(row.Assigned, StateStyle(row.Assigned)),
                row.Epoch,
                row.Position,
                new TableCell(row.Lag, row.Lag is "-" or "0" ? Quiet : Busy),
                new TableCell(row.Heartbeat, Quiet),
                new TableCell(row.Reachability, row.Reachability == "reachable" ? Quiet : Bad),
                new TableCell(row.Http, Quiet),
            ]);
        return table;
    }

    private static Style StateStyle(string state) =>
        state switch
        {
            _ when state.EndsWith('!') => Bad,
            _ when state.EndsWith('?') => Busy,
            "primary" => Good,
            "standby" => Style.Plain,
            "-" or "none" => Quiet,
            _ => Busy,
        };

    private static string Short(string formation) => formation.Length > 8 ? formation[..8] : formation;
}
