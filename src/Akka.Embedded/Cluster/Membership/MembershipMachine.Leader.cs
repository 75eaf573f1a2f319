using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Membership;

internal sealed partial class MembershipMachine
{
    private bool IsLeader => View.Leader?.UniqueAddress.Equals(Self) == true;

    private bool WaitsForWeaklyUp =>
        _options.WeaklyUpAfter is not null
        && IsLeader
        && Gossip.Members.Values.Any(m => m.Status == MemberStatus.Joining);

    private void OnLeaveRequested(MembershipInput.LeaveRequested leave)
    {
        foreach (var member in Gossip.Members.Values)
            if (member.Address.Equals(leave.Address) && member.Status.Rank < MemberStatus.Leaving.Rank)
                Change(Gossip.With(member.Copy(MemberStatus.Leaving)));
    }

    private void Down(IEnumerable<Member> members)
    {
        foreach (var member in members.ToArray())
            if (member.Status != MemberStatus.Down)
                Change(Gossip.With(member.Copy(MemberStatus.Down)));
    }

    private void OnUnheard(MembershipInput.Unheard unheard)
    {
        if (IsMember && Gossip.Has(unheard.Node) && !Gossip.Reachability.Suspects(Self, unheard.Node))
            Change(Gossip.With(Gossip.Reachability.Suspect(Self, unheard.Node)));
    }

    private void OnHeardAgain(MembershipInput.HeardAgain heard)
    {
        if (IsMember && Gossip.Reachability.Suspects(Self, heard.Node))
            Change(Gossip.With(Gossip.Reachability.Trust(Self, heard.Node)));
    }

    /// <summary>
    /// Goes on until there is nothing to do or others must see it first; a node alone gets all the way in one step.
    /// </summary>
    private void LeadIfLeader(Moment now, ICollection<MembershipEffect> effects)
    {
        while (IsMember && IsLeader && View.IsConverged)
        {
            _disagreeingSince = null;
            var before = Gossip;
            foreach (var member in before.Members.Values)
                Advance(member, now);

            if (ReferenceEquals(before, Gossip))
                return;
            Report(effects);
        }
    }

    private void Advance(Member member, Moment now)
    {
        switch (member.Status)
        {
            case MemberStatus.Joining or MemberStatus.WeaklyUp when EnoughMembers():
                Change(Gossip.With(member.CopyUp(NextUpNumber())));
                break;
            case MemberStatus.Leaving:
                Change(Gossip.With(member.Copy(MemberStatus.Exiting)));
                break;
            case MemberStatus.Exiting when MayBeRemoved(member):
            case MemberStatus.Down:
                Change(Gossip.Remove(member.UniqueAddress, new Tombstone(now.UnixSeconds, member.Status)));
                break;
        }
    }

    /// <summary>An exiting node hands its work over first; one that nobody hears any more cannot say that it has.</summary>
    private bool MayBeRemoved(Member exiting) =>
        _exitingConfirmed.Contains(exiting.UniqueAddress) || !View.IsReachable(exiting);

    private int NextUpNumber() =>
        1 + Gossip.Members.Values.Where(m => m.UpNumber != int.MaxValue).Select(m => m.UpNumber).DefaultIfEmpty().Max();

    private bool EnoughMembers()
    {
        var staying = Gossip.Members.Values.Where(m => m.Status.Rank < MemberStatus.Exiting.Rank).ToArray();
        return staying.Length >= _options.MinNrOfMembers
            && _options.MinNrOfMembersOfRole.All(role => staying.Count(m => m.HasRole(role.Key)) >= role.Value);
    }

    private void LetJoiningBeWeaklyUp(Moment now)
    {
        if (!WaitsForWeaklyUp || _disagreeingSince is not { } since || now.Elapsed - since < _options.WeaklyUpAfter)
            return;

        if (!EnoughMembers())
            return;

        foreach (var member in Gossip.Members.Values)
            if (member.Status == MemberStatus.Joining && View.IsReachable(member))
                Change(Gossip.With(member.Copy(MemberStatus.WeaklyUp)));
    }
}
