namespace Akka.Cluster;

/// <summary>Where a member stands in its life; the numbers are Akka.NET's.</summary>
public enum MemberStatus
{
    Joining = 0,
    Up = 1,
    Leaving = 2,
    Exiting = 3,
    Down = 4,
    Removed = 5,
    WeaklyUp = 6,
}

internal static class MemberStatusOrder
{
    extension(MemberStatus status)
    {
        /// <summary>How far a life has come. Statuses only ever grow in this order, so a merge may take the higher one.</summary>
        public int Rank =>
            status switch
            {
                MemberStatus.Joining => 0,
                MemberStatus.WeaklyUp => 1,
                MemberStatus.Up => 2,
                MemberStatus.Leaving => 3,
                MemberStatus.Exiting => 4,
                MemberStatus.Down => 5,
                _ => 6,
            };

        /// <summary>Whether a member in this status takes part in decisions: it must see a state before that converges.</summary>
        public bool HasVote => status is MemberStatus.Up or MemberStatus.Leaving;
    }
}
