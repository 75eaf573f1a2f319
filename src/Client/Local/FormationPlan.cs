using System.Globalization;

namespace Failover.Client.Local;

/// <summary>What <c>up</c> was asked for; null where the user left the choice.</summary>
internal sealed record UpRequest
{
    public const int DefaultHttpPort = 8080;
    public const int DefaultPbmPort = 9110;

    public int? Nodes { get; init; }

    public int? Monitors { get; init; }

    public int? Partitions { get; init; }

    /// <summary>The first monitor's HTTP port; the others run on from it. 0 lets each node take any free one.</summary>
    public int? HttpPort { get; init; }

    public IReadOnlyList<string> Settings { get; init; } = [];
}

/// <summary>Decides the nodes of a formation and their ports.</summary>
internal static class FormationPlan
{
    /// <param name="former">The formation that was started in the same directory before, if any: its data expects the same nodes.</param>
    /// <remarks>
    /// The HTTP ports are always those asked for or the documented ones, so that whoever follows the documentation finds them.
    /// </remarks>
    public static FormationDocument Make(UpRequest request, FormationDocument? former, PortFinder ports)
    {
        if (former is not null)
            RefuseOtherShape(request, former);
        var monitors = request.Monitors ?? former?.Nodes.Count(node => node.IsMonitor) ?? 1;
        var apps = request.Nodes ?? former?.Nodes.Count(node => !node.IsMonitor) ?? 2;
        var names = Names(monitors, apps).ToArray();

        ports.Reserve(FixedHttpPorts(request, names.Length));
        // Kept ports come first: a free HTTP port must not be one that a later node wants to keep.
        var remote = names.Select(name => ports.FreeUnless(former?.Find(name)?.RemotePort)).ToArray();
        var nodes = names
            .Select(
                (name, index) =>
                {
                    var known = former?.Find(name);
                    var http = HttpPort(request, index, ports);
                    return new LocalNode(
                        name,
                        [index < monitors ? LocalNode.MonitorRole : LocalNode.DataRole],
                        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{http}"),
                        Pid: null,
                        RemotePort: remote[index],
                        PbmPort: PbmPort(request, index, known)
                    );
                }
            )
            .ToArray();
        foreach (var node in nodes)
            if (!PortFinder.IsFree(node.HttpPort))
                throw new CommandException(
                    $"port {node.HttpPort}, the HTTP port of {node.Name}, is in use; choose another with --http-port"
                );

        return new FormationDocument
        {
            Nodes = nodes,
            Partitions = request.Partitions ?? former?.Partitions ?? 1,
            Settings = request.Settings,
        };
    }

    private static IEnumerable<string> Names(int monitors, int apps) =>
        Enumerable
            .Range(1, monitors)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"monitor{number}"))
            .Concat(
                Enumerable.Range(1, apps).Select(number => string.Create(CultureInfo.InvariantCulture, $"app{number}"))
            );

    private static IEnumerable<int> FixedHttpPorts(UpRequest request, int count) =>
        request.HttpPort == 0 ? [] : Enumerable.Range(request.HttpPort ?? UpRequest.DefaultHttpPort, count);

    private static int HttpPort(UpRequest request, int index, PortFinder ports) =>
        request.HttpPort switch
        {
            0 => ports.Free(),
            { } first => first + index,
            null => UpRequest.DefaultHttpPort + index,
        };

    // The usual port of pbm for the first monitor, if nobody else has it; elsewhere any free one.
    private static int PbmPort(UpRequest request, int index, LocalNode? known)
    {
        var wanted = known?.PbmPort ?? (index == 0 && request.HttpPort != 0 ? UpRequest.DefaultPbmPort : 0);
        return wanted != 0 && PortFinder.IsFree(wanted) ? wanted : 0;
    }

    private static void RefuseOtherShape(UpRequest request, FormationDocument former)
    {
        Same("--monitors", request.Monitors, former.Nodes.Count(node => node.IsMonitor));
        Same("--nodes", request.Nodes, former.Nodes.Count(node => !node.IsMonitor));
        Same("--partitions", request.Partitions, former.Partitions);

        static void Same(string option, int? asked, int kept)
        {
            if (asked is { } value && value != kept)
                throw new CommandException(
                    $"{option} {value} does not fit the formation already in this directory, which has {kept}; add --fresh to discard its data, or use another --dir"
                );
        }
    }
}
