using System.Text.Json;
using System.Text.Json.Serialization;

namespace Failover.Client.Local;

/// <summary>What <c>formation.json</c> holds: the local formation and which of its processes run.</summary>
internal sealed record FormationDocument
{
    public required IReadOnlyList<LocalNode> Nodes { get; init; }

    public int Partitions { get; init; } = 1;

    /// <summary>The user's own <c>--set</c> values, given to every node last.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    [JsonIgnore]
    public IEnumerable<LocalNode> Running => Nodes.Where(node => node.Pid is not null);

    public LocalNode? Find(string name) => Nodes.FirstOrDefault(node => node.Name == name);

    public FormationDocument With(LocalNode changed) =>
        this with
        {
            Nodes = [.. Nodes.Select(node => node.Name == changed.Name ? changed : node)],
        };
}

/// <param name="Http">The address of the node's HTTP interface.</param>
/// <param name="Pid">Null while the node does not run.</param>
/// <param name="RemotePort">Where the node's actors listen; kept over restarts, since it is the node's identity to the others.</param>
internal sealed record LocalNode(
    string Name,
    IReadOnlyList<string> Roles,
    string Http,
    int? Pid,
    int RemotePort,
    int PbmPort = 0
)
{
    public const string MonitorRole = "monitor";
    public const string DataRole = "data";

    [JsonIgnore]
    public int HttpPort => new Uri(Http).Port;

    [JsonIgnore]
    public Uri Endpoint => new(Http);

    [JsonIgnore]
    public bool IsMonitor => Roles.Contains(MonitorRole);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = false
)]
[JsonSerializable(typeof(FormationDocument))]
internal sealed partial class FormationContext : JsonSerializerContext;
