using System.Collections.Immutable;
using Akka.Cluster.Gossiping;

namespace Akka.Cluster.SBR;

/// <summary>Which members go when some cannot hear others. Every side of the split must come to the same answer.</summary>
internal abstract class DowningStrategy(string role)
{
    /// <summary>The members to be downed, as seen from this side; empty when nothing is wrong.</summary>
    public ImmutableArray<UniqueAddress> Decide(ClusterView view)
    {
        var split = new Split(view, role);
        if (!split.HasUnreachable)
            return [];

        // A role that nobody has decides nothing, so both sides would stay.
        var isDecidable = split.Counting(split.All).Any();
        IEnumerable<Member> goes = (isDecidable ? Judge(split) : Verdict.DownEverybody) switch
        {
            Verdict.DownReachable => split.Reachable,
            Verdict.DownUnreachable => split.Unreachable,
            _ => split.All,
        };
        return [.. goes.Union(split.IndirectlyConnected).Select(member => member.UniqueAddress).Order()];
    }

    /// <summary>Joining members do not count: one side may know of them and the other not.</summary>
    public static bool Counts(Member member) =>
        member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting;

    protected abstract Verdict Judge(Split split);

    internal enum Verdict
    {
        DownReachable,
        DownUnreachable,
        DownEverybody,
    }

    /// <summary>The members that count (Up, Leaving, and of the role), by the side they are on.</summary>
    internal sealed class Split
    {
        private readonly string _role;

        public Split(ClusterView view, string role)
        {
            _role = role;
            var members = view.Gossip.Members.Values.Where(m => m.Status != MemberStatus.Down).ToArray();
            var (unreachable, indirect) = Sort(view, members.Select(m => m.UniqueAddress).ToHashSet());
            IndirectlyConnected = [.. members.Where(m => indirect.Contains(m.UniqueAddress))];
            var others = members.Where(m => !indirect.Contains(m.UniqueAddress)).ToArray();
            Reachable = [.. others.Where(m => !unreachable.Contains(m.UniqueAddress))];
            Unreachable = [.. others.Where(m => unreachable.Contains(m.UniqueAddress))];
        }

        public ImmutableArray<Member> Reachable { get; }

        public ImmutableArray<Member> Unreachable { get; }

        public ImmutableArray<Member> IndirectlyConnected { get; }

        public IEnumerable<Member> All => Reachable.Concat(Unreachable).Concat(IndirectlyConnected);

        public bool HasUnreachable => Unreachable.Length + IndirectlyConnected.Length > 0;

        /// <summary>
        /// This side of the split is everyone who has seen what this node holds, and only what they observe counts: the other
        /// side may be heard without hearing, and would say that all of this one is unreachable. Whom they suspect is on the
        /// other side, unless it belongs to this one; then only that link is broken. Both its ends go: neither can do its
        /// work, and nobody could tell which of the two is at fault.
        /// </summary>
        private static (HashSet<UniqueAddress> Unreachable, HashSet<UniqueAddress> Indirect) Sort(
            ClusterView view,
            HashSet<UniqueAddress> members
        )
        {
            var unreachable = new HashSet<UniqueAddress>();
            var indirect = new HashSet<UniqueAddress>();
            foreach (var (observer, row) in view.Gossip.Reachability.Rows)
            {
                if (!members.Contains(observer) || !view.Gossip.Seen.Contains(observer))
                    continue;

                foreach (var subject in row.Unreachable.Where(members.Contains))
                    if (view.Gossip.Seen.Contains(subject))
                        indirect.UnionWith([observer, subject]);
                    else
                        unreachable.Add(subject);
            }

            return (unreachable, indirect);
        }

        public IEnumerable<Member> Counting(IEnumerable<Member> members) =>
            members.Where(m => Counts(m) && (_role.Length == 0 || m.HasRole(_role)));
    }
}

/// <summary>The larger side stays; of two equal ones that with the lowest address.</summary>
internal sealed class KeepMajority(string role) : DowningStrategy(role)
{
    protected override Verdict Judge(Split split)
    {
        var reachable = split.Counting(split.Reachable).ToArray();
        var unreachable = split.Counting(split.Unreachable).ToArray();
        if (reachable.Length != unreachable.Length)
            return reachable.Length < unreachable.Length ? Verdict.DownReachable : Verdict.DownUnreachable;

        return unreachable.Length > 0 && unreachable.Min()!.CompareTo(reachable.Min()) < 0
            ? Verdict.DownReachable
            : Verdict.DownUnreachable;
    }
}

/// <summary>A side of at least the given size stays. For clusters whose size is known.</summary>
internal sealed class StaticQuorum(int size, string role) : DowningStrategy(role)
{
    protected override Verdict Judge(Split split)
    {
        var reachable = split.Counting(split.Reachable).Count();
        var unreachable = split.Counting(split.Unreachable).Count();

        // With twice the quorum both sides could stay.
        if (reachable + unreachable > 2 * size - 1)
            return Verdict.DownEverybody;

        return reachable < size ? Verdict.DownReachable : Verdict.DownUnreachable;
    }
}

/// <summary>The side with the oldest member stays, unless it would stay there alone.</summary>
internal sealed class KeepOldest(bool downIfAlone, string role) : DowningStrategy(role)
{
    protected override Verdict Judge(Split split)
    {
        var reachable = split.Counting(split.Reachable).ToArray();
        var unreachable = split.Counting(split.Unreachable).ToArray();
        var oldest = reachable.Concat(unreachable).Min(Member.AgeOrdering);
        var oldestIsHere = oldest is null || reachable.Contains(oldest);
        var (withOldest, others) = oldestIsHere ? (reachable, unreachable) : (unreachable, reachable);
        var oldestGoes = downIfAlone && withOldest.Length == 1 && others.Length > 0;
        return oldestIsHere == oldestGoes ? Verdict.DownReachable : Verdict.DownUnreachable;
    }
}

/// <summary>Nobody stays: for those who prefer to start again.</summary>
internal sealed class DownAll() : DowningStrategy("")
{
    protected override Verdict Judge(Split split) => Verdict.DownEverybody;
}
