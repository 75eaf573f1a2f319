using System.Collections.Immutable;
using Akka.Util;

namespace Akka.Cluster.Membership;

internal sealed record MembershipOptions
{
    public required UniqueAddress Self { get; init; }

    public ImmutableHashSet<string> Roles { get; init; } = [];

    public AppVersion AppVersion { get; init; } = AppVersion.Zero;

    /// <summary>Nobody becomes Up before so many are there.</summary>
    public int MinNrOfMembers { get; init; } = 1;

    public ImmutableDictionary<string, int> MinNrOfMembersOfRole { get; init; } =
        ImmutableDictionary<string, int>.Empty;

    /// <summary>How long the cluster may fail to agree before joining members become WeaklyUp; null: they wait.</summary>
    public TimeSpan? WeaklyUpAfter { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>How many nodes a change is sent to at once; the others hear of it from those and from the interval.</summary>
    public int Fanout { get; init; } = 5;

    /// <summary>How long a removal is remembered. Must exceed the age of the oldest gossip that can still arrive.</summary>
    public TimeSpan TombstoneLifetime { get; init; } = TimeSpan.FromHours(24);
}
