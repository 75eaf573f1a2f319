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

        IEnumerable<Member> goes = Judge(split) switch
        {
            Verdict.DownReachable => split.Reachable,
            Verdict.DownUnreachable => split.Unreachable,
            _ => split.Reachable.Concat(split.Unreachable),
        };
        return [.. goes.Concat(split.IndirectlyConnected).Select(member => member.UniqueAddress).Order()];
    }

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

            // Whoever has seen the newest gossip although somebody cannot reach it is connected through others. Both ends
            // of such a broken link go: neither can do its work, and no side could tell which of the two is at fault.
            var indirect = members
                .Where(m => !view.IsReachable(m) && view.Gossip.Seen.Contains(m.UniqueAddress))
                .Select(m => m.UniqueAddress)
                .ToHashSet();
            foreach (var (observer, row) in view.Gossip.Reachability.Rows)
                if (row.Unreachable.Any(indirect.Contains))
                    indirect.Add(observer);

            IndirectlyConnected = [.. members.Where(m => indirect.Contains(m.UniqueAddress))];
            var others = members.Where(m => !indirect.Contains(m.UniqueAddress)).ToArray();
            Reachable = [.. others.Where(view.IsReachable)];
            Unreachable = [.. others.Where(m => !view.IsReachable(m))];
        }

        public ImmutableArray<Member> Reachable { get; }

        public ImmutableArray<Member> Unreachable { get; }

        public ImmutableArray<Member> IndirectlyConnected { get; }

        public bool HasUnreachable => Unreachable.Length + IndirectlyConnected.Length > 0;

        /// <summary>Joining members do not count: one side may know of them and the other not.</summary>
        public IEnumerable<Member> Counting(IEnumerable<Member> members) =>
            members.Where(m =>
                m.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting
                && (_role.Length == 0 || m.HasRole(_role))
            );
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
