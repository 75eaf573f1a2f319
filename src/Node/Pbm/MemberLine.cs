using Akka.Cluster;

namespace Failover.Node.Pbm;

/// <summary>One member as pbm prints it: <c>address | [roles] | status | reachability | version</c>.</summary>
internal static class MemberLine
{
    public static string Of(Member member, bool isUnreachable)
    {
        var roles = string.Join(", ", member.Roles.Order(StringComparer.Ordinal));
        var status = member.Status.ToString().ToLowerInvariant();
        return $"{member.Address} | [{roles}] | {status} | {(isUnreachable ? "unreachable" : "")} | {member.AppVersion.Version}";
    }

    /// <summary>All members in the cluster's own order, then their number.</summary>
    public static IEnumerable<string> All(ClusterEvent.CurrentClusterState state) =>
        state
            .Members.Select(member => Of(member, state.Unreachable.Contains(member)))
            .Append(PbmWords.Count(state.Members.Count, "node"));
}
