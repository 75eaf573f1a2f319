using System.Collections.Immutable;

namespace Akka.Cluster.Gossiping;

/// <summary>What one node concludes from a gossip: who is reachable, who leads, whether all agree.</summary>
internal sealed class ClusterView
{
    public ClusterView(Gossip gossip, UniqueAddress self)
    {
        Gossip = gossip;
        Self = self;
        Unreachable = gossip.Unreachable(self);
        Leader = LeaderAmong(gossip.Members.Values);
        IsConverged = Converged();
    }

    public Gossip Gossip { get; }

    public UniqueAddress Self { get; }

    public ImmutableHashSet<UniqueAddress> Unreachable { get; }

    public Member? Leader { get; }

    /// <summary>
    /// Whether everybody who has a vote has seen this content, and nobody is missing who might still come back with a vote.
    /// </summary>
    public bool IsConverged { get; }

    public Member? RoleLeader(string role) => LeaderAmong(Gossip.Members.Values.Where(m => m.HasRole(role)));

    public bool IsReachable(Member member) => !Unreachable.Contains(member.UniqueAddress);

    /// <summary>The first by address among those Up or Leaving; a cluster without any is led by those still on their way in, or last out.</summary>
    private Member? LeaderAmong(IEnumerable<Member> members) =>
        members
            .Where(member => member.Status != MemberStatus.Down && IsReachable(member))
            .MinBy(member => (LeaderClass(member.Status), member), LeaderOrder);

    private static readonly IComparer<(int Class, Member Member)> LeaderOrder = Comparer<(
        int Class,
        Member Member
    )>.Create((a, b) => a.Class != b.Class ? a.Class.CompareTo(b.Class) : a.Member.CompareTo(b.Member));

    private static int LeaderClass(MemberStatus status) =>
        status switch
        {
            MemberStatus.Up or MemberStatus.Leaving => 0,
            MemberStatus.WeaklyUp => 1,
            MemberStatus.Joining => 2,
            _ => 3,
        };

    private bool Converged() =>
        Unreachable.All(node =>
            Gossip.Members.TryGetValue(node, out var member)
            && member.Status is MemberStatus.Down or MemberStatus.Exiting
        ) && Gossip.Members.Values.All(member => !member.Status.HasVote || Gossip.Seen.Contains(member.UniqueAddress));
}
