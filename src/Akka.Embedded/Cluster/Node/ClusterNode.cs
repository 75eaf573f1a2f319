using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Detection;
using Akka.Cluster.Gossiping;
using Akka.Cluster.Membership;
using Akka.Cluster.SBR;
using Akka.Cluster.Seeding;

namespace Akka.Cluster.Node;

/// <summary>One node of the cluster, whole: seeds, membership, heartbeats and the split brain resolver, wired together.</summary>
/// <remarks>
/// Messages, commands and instants go in, effects come out; <see cref="NextDeadline"/> says when <see cref="Tick"/> is due.
/// Exactly one owner drives an instance: the daemon actor in a process, the loop of events in a simulation.
/// </remarks>
internal sealed partial class ClusterNode
{
    private readonly NodeOptions _options;
    private readonly MembershipMachine _membership;
    private readonly HeartbeatMonitor _heartbeats;
    private readonly SplitBrainWatch? _splitBrain;
    private readonly HashSet<Address> _askedTooEarly = [];
    private readonly List<MembershipEffect> _membershipEffects = [];
    private readonly List<HeartbeatEffect> _heartbeatEffects = [];
    private readonly List<SeedEffect> _seedEffects = [];
    private SeedJoin? _seeds;
    private TimeSpan? _nextBeat;

    /// <summary>The instant from which the intervals of the reaper count.</summary>
    private TimeSpan? _lastReap;
    private TimeSpan? _nextGossip;
    private TimeSpan? _nextDecision;
    private bool _hasConfirmedExiting;

    public ClusterNode(NodeOptions options, Random random)
    {
        _options = options;
        _membership = new MembershipMachine(options.Membership, random);
        _heartbeats = new HeartbeatMonitor(options.Detection, Self);
        if (options.SplitBrain is { } sbr)
            _splitBrain = new SplitBrainWatch(sbr.Strategy, sbr.StableAfter, sbr.DownAllWhenUnstable, Self);
    }

    public UniqueAddress Self => _options.Membership.Self;

    public ClusterView View => _membership.View;

    public bool IsMember => _membership.IsMember;

    public bool IsGone => _membership.IsGone;

    /// <summary>When to call <see cref="Tick"/> next; null: nothing waits for time to pass.</summary>
    public TimeSpan? NextDeadline =>
        new[] { _nextBeat, NextReap, _nextGossip, _seeds?.NextDeadline, _nextDecision }.Min();

    /// <summary>The reaper looks at whole intervals, and sleeps through those at which it cannot find anything.</summary>
    private TimeSpan? NextReap
    {
        get
        {
            if (_lastReap is not { } last || _heartbeats.NextSuspicion is not { } suspicion)
                return null;
            var intervals = Math.Ceiling((suspicion - last) / _options.ReaperInterval);
            return last + Math.Max(1, intervals) * _options.ReaperInterval;
        }
    }

    /// <param name="seeds">In the same order on every node; the first of them may start the cluster.</param>
    public void JoinSeeds(ImmutableList<Address> seeds, Moment now, ICollection<NodeEffect> effects)
    {
        if (IsMember || IsGone || seeds.IsEmpty)
            return;

        _seeds = new SeedJoin(
            new SeedOptions
            {
                Self = Self.Address,
                Seeds = seeds,
                SeedNodeTimeout = _options.SeedNodeTimeout,
                RetryUnsuccessfulJoinAfter = _options.RetryUnsuccessfulJoinAfter,
                GiveUpAfter = _options.ShutdownAfterUnsuccessfulJoin,
            }
        );
        StepSeeds(new SeedInput.Started(), now, effects);
    }

    public void Leave(Address address, Moment now, ICollection<NodeEffect> effects) =>
        StepMembership(new MembershipInput.LeaveRequested(address), now, effects);

    public void Down(Address address, Moment now, ICollection<NodeEffect> effects) =>
        StepMembership(new MembershipInput.DownRequested(address), now, effects);

    /// <summary>This node is exiting and has handed everything over.</summary>
    public void ConfirmExiting(Moment now, ICollection<NodeEffect> effects)
    {
        if (!IsMember)
            return;

        _hasConfirmedExiting = true;
        SayExiting(effects);
        StepMembership(new MembershipInput.ExitingConfirmed(Self), now, effects);
    }

    /// <summary>Nobody listens at that address.</summary>
    public void Refused(Address address, Moment now, ICollection<NodeEffect> effects) =>
        StepSeeds(new SeedInput.Refused(address), now, effects);

    public void Receive(ClusterMessage message, Moment now, ICollection<NodeEffect> effects)
    {
        switch (message)
        {
            case ClusterMessage.InitJoin init:
                OnInitJoin(init.From, effects);
                break;
            case ClusterMessage.InitJoinAck ack:
                StepSeeds(new SeedInput.Acked(ack.From), now, effects);
                break;
            case ClusterMessage.InitJoinNack nack:
                StepSeeds(new SeedInput.Nacked(nack.From), now, effects);
                break;
            case ClusterMessage.Join join:
                StepMembership(new MembershipInput.JoinRequested(join.Node, join.Roles, join.AppVersion), now, effects);
                break;
            case ClusterMessage.Welcome welcome:
                if (welcome.To.Equals(Self))
                    StepMembership(new MembershipInput.Welcomed(welcome.From, welcome.Gossip), now, effects);
                break;
            case ClusterMessage.GossipEnvelope gossip:
                StepMembership(new MembershipInput.GossipReceived(gossip.From, gossip.To, gossip.Gossip), now, effects);
                break;
            case ClusterMessage.Heartbeat heartbeat:
                effects.Add(new NodeEffect.Send(heartbeat.From.Address, new ClusterMessage.HeartbeatResponse(Self)));
                if (heartbeat.IsAnswered)
                    _heartbeats.HeardAsking(heartbeat.From, now.Elapsed, _heartbeatEffects);
                PerformHeartbeats(now, effects);
                StepMembership(new MembershipInput.DigestHeard(heartbeat.From, heartbeat.Digest), now, effects);
                break;
            case ClusterMessage.HeartbeatResponse response:
                _heartbeats.Heard(response.From, now.Elapsed, _heartbeatEffects);
                PerformHeartbeats(now, effects);
                break;
            case ClusterMessage.ExitingConfirmed confirmed:
                StepMembership(new MembershipInput.ExitingConfirmed(confirmed.Node), now, effects);
                break;
            default:
                throw new UnreachableException($"Unhandled message: {message}");
        }
    }

    /// <summary>Does what is due by now; may be called early or late.</summary>
    public void Tick(Moment now, ICollection<NodeEffect> effects)
    {
        if (_seeds?.NextDeadline <= now.Elapsed)
            StepSeeds(new SeedInput.DeadlineReached(), now, effects);

        if (_nextBeat <= now.Elapsed)
        {
            _nextBeat = Following(_nextBeat.Value, _options.Detection.HeartbeatInterval, now);
            _heartbeats.Beat(now.Elapsed, _heartbeatEffects);
            PerformHeartbeats(now, effects);
        }

        if (NextReap is { } reap && reap <= now.Elapsed)
        {
            _lastReap = Following(reap, _options.ReaperInterval, now) - _options.ReaperInterval;
            _heartbeats.Judge(now.Elapsed, _heartbeatEffects);
            PerformHeartbeats(now, effects);
        }

        if (_nextGossip <= now.Elapsed)
        {
            _nextGossip = now.Elapsed + _options.GossipInterval;
            if (_hasConfirmedExiting)
                SayExiting(effects);
            StepMembership(new MembershipInput.GossipTick(), now, effects);
        }

        // Asked with every tick: a node that becomes the leader of its side later finds the wait already over.
        if (_nextDecision <= now.Elapsed)
            _nextDecision = null;
        if (_splitBrain?.Decide(View, now.Elapsed) is { IsDefaultOrEmpty: false } nodes)
        {
            effects.Add(new NodeEffect.Note(true, $"Split brain resolver downs [{string.Join(", ", nodes)}]"));
            StepMembership(new MembershipInput.DownDecided(nodes), now, effects);
        }
    }

    /// <summary>The next full interval: a late tick is not made up for by a burst of them.</summary>
    private static TimeSpan Following(TimeSpan due, TimeSpan interval, Moment now)
    {
        var next = due + interval;
        return next > now.Elapsed ? next : now.Elapsed + interval;
    }

    /// <summary>To everybody, again and again until somebody has acted on it: it may be lost, and who leads may change.</summary>
    private void SayExiting(ICollection<NodeEffect> effects)
    {
        foreach (var peer in View.Gossip.Members.Values.Where(member => !member.UniqueAddress.Equals(Self)))
            Send(peer.UniqueAddress, new ClusterMessage.ExitingConfirmed(Self), effects);
    }

    private void OnInitJoin(Address from, ICollection<NodeEffect> effects)
    {
        if (IsMember && View.Gossip.Members[Self].Status.Rank < MemberStatus.Exiting.Rank)
        {
            effects.Add(new NodeEffect.Send(from, new ClusterMessage.InitJoinAck(Self.Address)));
            return;
        }

        if (!IsMember && !IsGone)
            _askedTooEarly.Add(from);
        effects.Add(new NodeEffect.Send(from, new ClusterMessage.InitJoinNack(Self.Address)));
    }
}
