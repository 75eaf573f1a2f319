using System.Globalization;

namespace Failover.Client.Local;

/// <summary>The command line of one node.</summary>
internal static class NodeArguments
{
    public const string SystemName = "failover";

    /// <summary>The setting by which a running process is recognised as this node; see <see cref="NodeProcess"/>.</summary>
    public static string DataDirSetting(string dataDirectory) => $"failover.data-dir={Quote(dataDirectory)}";

    public static IReadOnlyList<string> Build(
        NodeProgram program,
        FormationDocument formation,
        LocalNode node,
        string dataDirectory
    )
    {
        var scheme = formation.Settings.Any(SwitchesTlsOn) ? "akka.ssl.tcp" : "akka.tcp";
        var voters = formation.Nodes.Select(each => Quote(each.Name));
        // Monitors first: the first seed forms the cluster, and the others find it there.
        var seeds = formation
            .Nodes.OrderBy(each => !each.IsMonitor)
            .Select(each => Quote(Invariant($"{scheme}://{SystemName}@127.0.0.1:{each.RemotePort}")));
        string[] settings =
        [
            $"failover.node={node.Name}",
            DataDirSetting(dataDirectory),
            Invariant($"failover.http.port={node.HttpPort}"),
            Invariant($"akka.remote.dot-netty.tcp.port={node.RemotePort}"),
            $"failover.voters=[{string.Join(',', voters)}]",
            $"akka.cluster.seed-nodes=[{string.Join(',', seeds)}]",
            Invariant($"failover.pbm.port={node.PbmPort}"),
            Invariant($"failover.partitions={formation.Partitions}"),
            .. formation.Settings,
        ];
        return
        [
            program.Assembly,
            "--config",
            Path.Combine(program.Hocon, node.IsMonitor ? "monitor.conf" : "app.conf"),
            .. settings.SelectMany(setting => new[] { "--set", setting }),
        ];
    }

    /// <summary>With TLS, remoting's addresses have another scheme.</summary>
    private static bool SwitchesTlsOn(string setting) =>
        setting.Split('=', 2, StringSplitOptions.TrimEntries) is ["akka.remote.dot-netty.tcp.enable-ssl", var value]
        && value is "on" or "true" or "yes";

    private static string Quote(string text) =>
        "\""
        + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        + "\"";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
