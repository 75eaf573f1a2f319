using System.Collections.Immutable;

namespace Failover.MultiNode;

/// <summary>Which nodes a formation has, and the settings they share.</summary>
internal sealed record FormationPlan(int Monitors = 1, int Apps = 2)
{
    /// <summary>Settings of every node, as <c>--set</c> takes them.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    public IEnumerable<string> MonitorNames => Enumerable.Range(1, Monitors).Select(i => $"monitor{i}");

    public IEnumerable<string> AppNames => Enumerable.Range(1, Apps).Select(i => $"app{i}");

    /// <summary>How remoting's addresses begin.</summary>
    public string Scheme =>
        Settings.Any(s => s.StartsWith("akka.remote.dot-netty.tcp.enable-ssl", StringComparison.Ordinal))
            ? "akka.ssl.tcp"
            : "akka.tcp";

    public FormationPlan With(params string[] settings) => this with { Settings = Settings.AddRange(settings) };
}
