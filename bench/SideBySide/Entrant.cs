using Failover.Bench.SideBySide.Contenders;

namespace Failover.Bench.SideBySide;

/// <summary>One way to run one product.</summary>
/// <param name="Program">What must be on the path; null for ours, which is built with this program.</param>
/// <param name="Install">How it comes there.</param>
/// <param name="Settings">What differs from its defaults: all of it.</param>
internal sealed record Entrant(
    string Name,
    string? Program,
    string Install,
    string Settings,
    Func<CancellationToken, Contender> Make
);
