using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Detection;
using Akka.Cluster.Membership;
using Akka.Cluster.SBR;

namespace Akka.Cluster.Node;

internal sealed record NodeOptions
{
    public required MembershipOptions Membership { get; init; }

    public DetectionOptions Detection { get; init; } = new();

    /// <summary>Null: the resolver is off, and only people and restarts remove the unreachable.</summary>
    public SplitBrainOptions? SplitBrain { get; init; }

    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan ReaperInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan SeedNodeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan? RetryUnsuccessfulJoinAfter { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan? ShutdownAfterUnsuccessfulJoin { get; init; }
}

internal sealed record SplitBrainOptions(DowningStrategy Strategy, TimeSpan StableAfter, TimeSpan? DownAllWhenUnstable);
