using System.Diagnostics;
using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Membership;

/// <summary>Decides what one node believes about the cluster and whom it tells.</summary>
/// <remarks>
/// <para>
/// Reads no clock and does no I/O: the owner passes the current moment in and carries out the effects in the order they were
/// added. Exactly one owner drives an instance.
/// </para>
/// <para>
/// Every change is gossiped at once, and the leader acts in the same step in which it learns enough to act, so a join among
/// nodes that hear each other takes a few messages and no interval. The interval, and the digests that travel on heartbeats,
/// only repair what was lost.
/// </para>
/// </remarks>
internal sealed partial class MembershipMachine
{
    private readonly MembershipOptions _options;
    private readonly Random _random;
    private readonly HashSet<UniqueAddress> _gossipTo = [];
    private readonly HashSet<UniqueAddress> _welcome = [];
    private readonly HashSet<UniqueAddress> _exitingConfirmed = [];
    private Gossip _reported = Gossip.Empty;
    private TimeSpan? _disagreeingSince;

    /// <param name="random">Whom to tell first when there are many; seeded in simulations.</param>
    public MembershipMachine(MembershipOptions options, Random random)
    {
        _options = options;
        _random = random;
        View = new ClusterView(Gossip.Empty, Self);
    }

    public UniqueAddress Self => _options.Self;

    public Gossip Gossip => View.Gossip;

    public ClusterView View { get; private set; }

    public bool IsMember => Gossip.Has(Self) && !IsGone;

    public bool IsGone { get; private set; }

    /// <summary>Whether everyone this node can hear has what it has, and nothing waits for time to pass.</summary>
    public bool IsSettled =>
        !IsMember || (!UnseenPeers().Any() && !(WaitsForWeaklyUp && _disagreeingSince is not null));

    public void Step(MembershipInput input, Moment now, ICollection<MembershipEffect> effects)
    {
        if (IsGone)
            return;

        var before = Gossip;
        switch (input)
        {
            case MembershipInput.Form:
                OnForm();
                break;
            case MembershipInput.JoinRequested join:
                OnJoinRequested(join, now);
                break;
            case MembershipInput.Welcomed welcomed:
                OnWelcomed(welcomed, now);
                break;
            case MembershipInput.GossipReceived received:
                OnGossipReceived(received, now);
                break;
            case MembershipInput.DigestHeard heard:
                OnDigestHeard(heard);
                break;
            case MembershipInput.LeaveRequested leave:
                OnLeaveRequested(leave);
                break;
            case MembershipInput.DownRequested down:
                Down(Gossip.Members.Values.Where(member => member.Address.Equals(down.Address)));
                break;
            case MembershipInput.DownDecided down:
                Down(Gossip.Members.Values.Where(member => down.Nodes.Contains(member.UniqueAddress)));
                break;
            case MembershipInput.Unheard unheard:
                OnUnheard(unheard);
                break;
            case MembershipInput.HeardAgain heard:
                OnHeardAgain(heard);
                break;
            case MembershipInput.ExitingConfirmed confirmed:
                _exitingConfirmed.Add(confirmed.Node);
                break;
            case MembershipInput.GossipTick:
                OnGossipTick(now);
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        Report(effects);
        LeadIfLeader(now, effects);
        Finish(before, now, effects);
    }

    /// <summary>Takes on a content of this node's own making.</summary>
    private void Change(Gossip gossip)
    {
        if (!ReferenceEquals(gossip, Gossip))
            View = new ClusterView(gossip.Has(Self) ? gossip.OnlySeenBy(Self) : gossip, Self);
    }

    /// <summary>Takes on what others already knew, with those who have seen it.</summary>
    private void Adopt(Gossip gossip) => View = new ClusterView(gossip, Self);

    /// <summary>
    /// Tells of every step on its own: a member that joins and is let in at once has still been joining, and subscribers wait
    /// for that.
    /// </summary>
    private void Report(ICollection<MembershipEffect> effects)
    {
        var before = _reported;
        _reported = Gossip;
        if (!before.SameContentAs(Gossip) || !before.Seen.SetEquals(Gossip.Seen))
            effects.Add(new MembershipEffect.Changed(before, Gossip));
    }

    private void Finish(Gossip before, Moment now, ICollection<MembershipEffect> effects)
    {
        // The clock of the wait for WeaklyUp: agreement reached even for a moment starts it anew.
        _disagreeingSince = View.IsConverged ? null : _disagreeingSince ?? now.Elapsed;
        _exitingConfirmed.RemoveWhere(node => !Gossip.Has(node));

        var differs = !before.SameContentAs(Gossip);
        if (differs)
            Spread(before);

        Report(effects);
        foreach (var node in _welcome)
            effects.Add(new MembershipEffect.SendWelcome(node, Gossip));
        foreach (var node in _gossipTo.Except(_welcome))
            effects.Add(new MembershipEffect.SendGossip(node, Gossip));
        _welcome.Clear();
        _gossipTo.Clear();

        LeaveForGood(before, effects);
    }

    private void LeaveForGood(Gossip before, ICollection<MembershipEffect> effects)
    {
        var removed = before.Has(Self) && !Gossip.Has(Self);
        var downed = Gossip.Members.TryGetValue(Self, out var self) && self.Status == MemberStatus.Down;
        if (!removed && !downed)
            return;

        IsGone = true;
        var went = removed && Gossip.Tombstones.GetValueOrDefault(Self).Previous == MemberStatus.Exiting;
        effects.Add(new MembershipEffect.Gone(went ? MemberStatus.Removed : MemberStatus.Down));
    }
}
