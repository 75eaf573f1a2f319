using System.Diagnostics;
using Akka.Cluster.Detection;
using Akka.Cluster.Gossiping;
using Akka.Cluster.Membership;
using Akka.Cluster.Seeding;

namespace Akka.Cluster.Node;

internal sealed partial class ClusterNode
{
    private void StepMembership(MembershipInput input, Moment now, ICollection<NodeEffect> effects)
    {
        _membership.Step(input, now, _membershipEffects);

        // Performing may step again (never for membership itself), so the list is taken first.
        var performed = _membershipEffects.ToArray();
        _membershipEffects.Clear();
        foreach (var effect in performed)
            Perform(effect, now, effects);

        var hasToRepeat = !_membership.IsSettled || (_hasConfirmedExiting && IsMember);
        _nextGossip = hasToRepeat ? _nextGossip ?? now.Elapsed + _options.GossipInterval : null;
    }

    private void Perform(MembershipEffect effect, Moment now, ICollection<NodeEffect> effects)
    {
        switch (effect)
        {
            case MembershipEffect.SendGossip send:
                Send(send.To, new ClusterMessage.GossipEnvelope(Self, send.To, send.Gossip), effects);
                break;
            case MembershipEffect.SendWelcome send:
                Send(send.To, new ClusterMessage.Welcome(Self, send.To, send.Gossip), effects);
                break;
            case MembershipEffect.Changed changed:
                OnChanged(changed, now, effects);
                break;
            case MembershipEffect.Gone gone:
                _nextBeat = _lastReap = _nextGossip = _nextDecision = null;
                _seeds = null;
                effects.Add(new NodeEffect.Gone(gone.Last));
                break;
            default:
                throw new UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private void OnChanged(MembershipEffect.Changed changed, Moment now, ICollection<NodeEffect> effects)
    {
        _splitBrain?.Observe(View, now.Elapsed);
        _nextDecision = _splitBrain?.NextDeadline;
        if (!changed.Before.SameContentAs(changed.After))
            _heartbeats.Watch(View.Gossip, now.Elapsed);

        effects.Add(new NodeEffect.Changed(changed.Before, changed.After));
        if (!changed.Before.Has(Self) && IsMember)
            OnBecameMember(now, effects);
    }

    private void OnBecameMember(Moment now, ICollection<NodeEffect> effects)
    {
        _seeds = null;
        _nextBeat = now.Elapsed;
        _lastReap = now.Elapsed;

        // They were told that there was no cluster here, and would only ask again after a while.
        foreach (var asker in _askedTooEarly)
            effects.Add(new NodeEffect.Send(asker, new ClusterMessage.InitJoinAck(Self.Address)));
        _askedTooEarly.Clear();
    }

    private void PerformHeartbeats(Moment now, ICollection<NodeEffect> effects)
    {
        var performed = _heartbeatEffects.ToArray();
        _heartbeatEffects.Clear();
        foreach (var effect in performed)
            switch (effect)
            {
                case HeartbeatEffect.Send send:
                    Send(send.To, new ClusterMessage.Heartbeat(Self, View.Gossip.Digest, send.IsAnswered), effects);
                    break;
                case HeartbeatEffect.Unheard unheard:
                    effects.Add(
                        new NodeEffect.Note(
                            true,
                            $"{unheard.Node.Address} has been silent for {unheard.Silence.TotalMilliseconds:0} ms (phi {unheard.Phi:0.0}): unreachable"
                        )
                    );
                    StepMembership(new MembershipInput.Unheard(unheard.Node), now, effects);
                    break;
                case HeartbeatEffect.HeardAgain heard:
                    effects.Add(new NodeEffect.Note(false, $"{heard.Node.Address} answers again: reachable"));
                    StepMembership(new MembershipInput.HeardAgain(heard.Node), now, effects);
                    break;
                default:
                    throw new UnreachableException($"Unhandled effect: {effect}");
            }
    }

    private void StepSeeds(SeedInput input, Moment now, ICollection<NodeEffect> effects)
    {
        if (_seeds is not { } seeds)
            return;

        seeds.Step(input, now.Elapsed, _seedEffects);
        var performed = _seedEffects.ToArray();
        _seedEffects.Clear();
        foreach (var effect in performed)
            switch (effect)
            {
                case SeedEffect.Ask ask:
                    effects.Add(new NodeEffect.Send(ask.Seed, new ClusterMessage.InitJoin(Self.Address)));
                    break;
                case SeedEffect.Join join:
                    effects.Add(
                        new NodeEffect.Send(
                            join.Seed,
                            new ClusterMessage.Join(Self, _options.Membership.Roles, _options.Membership.AppVersion)
                        )
                    );
                    break;
                case SeedEffect.Form:
                    effects.Add(new NodeEffect.Note(false, "No seed is in a cluster: starting a new one"));
                    StepMembership(new MembershipInput.Form(), now, effects);
                    break;
                case SeedEffect.GiveUp:
                    _seeds = null;
                    effects.Add(new NodeEffect.JoinFailed());
                    break;
                default:
                    throw new UnreachableException($"Unhandled effect: {effect}");
            }
    }

    private static void Send(UniqueAddress to, ClusterMessage message, ICollection<NodeEffect> effects) =>
        effects.Add(new NodeEffect.Send(to.Address, message));
}
