using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Cluster;
using Akka.Cluster.Node;
using Akka.Cluster.SBR;

namespace Akka.Embedded.Internals.Tests.Cluster.Campaign;

/// <summary>Carries a plan out, watches the rules at every step, then heals everything and demands agreement.</summary>
internal sealed class CampaignRun
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly CampaignPlan _plan;
    private readonly SimulatedCluster _cluster;

    private CampaignRun(CampaignPlan plan)
    {
        _plan = plan;
        var strategy = plan.CreateStrategy();
        var weaklyUpAfter = plan.Seed % 3 == 0 ? (TimeSpan?)null : TimeSpan.FromSeconds(7);
        _cluster = new SimulatedCluster(plan.Seed, plan.Nodes, seeds: plan.Nodes)
        {
            ManagerStartsWithin = 2 * Second,
            SingletonStopsWithin = TimeSpan.FromMilliseconds(100),
            RemovalMargin = plan.StableAfter,
            Configure = options =>
                options with
                {
                    Membership = options.Membership with { WeaklyUpAfter = weaklyUpAfter },
                    SplitBrain = strategy is null
                        ? null
                        : new SplitBrainOptions(strategy, plan.StableAfter, plan.StableAfter * 3 / 4),
                },
        };
        _cluster.OnChange = new MembershipRules(_cluster, weaklyUpAfter).Check;
        _cluster.OnSingletonStarted = living =>
        {
            if (living == 1)
                return;

            SingletonsDoubled++;
            if (plan.IsOrderly)
                throw new ViolationException($"{living} singletons live: {string.Join(", ", _cluster.SingletonHosts)}");
        };
    }

    public int SingletonsDoubled { get; private set; }

    public int ClustersSplit { get; private set; }

    /// <summary>What went wrong and what led to it; null when nothing did.</summary>
    public string? Violation { get; private set; }

    public static CampaignRun Of(CampaignPlan plan)
    {
        var run = new CampaignRun(plan);
        try
        {
            run.Carry();
        }
        catch (Exception e) when (e is ViolationException or InvalidOperationException or UnreachableException)
        {
            run.Violation = $"{e.Message}\n{run._cluster.Describe()}";
        }

        return run;
    }

    private void Carry()
    {
        StartAll();
        Demand(IsAgreed(), "the formation did not come about");
        foreach (var (pause, fault) in _plan.Faults)
        {
            _cluster.RunFor(pause);
            Inflict(fault);
        }

        _cluster.Network.Calm();
        _cluster.Note("calm");

        // Whoever was to be downed is; then all come back.
        _cluster.RunFor(_plan.StableAfter * 2 + 10 * Second);
        StartAll();
        if (!IsAgreed())
            MendByHand();
        var host = Oldest();
        Demand(
            _cluster.TryRunUntil(c => c.SingletonHosts.SequenceEqual([host]), _plan.StableAfter + 10 * Second),
            $"the singleton lives at [{string.Join(", ", _cluster.SingletonHosts)}] instead of {host}"
        );
    }

    private void Inflict(Fault fault)
    {
        switch (fault)
        {
            case Fault.Kill kill:
                _cluster.Kill(kill.Node);
                break;
            case Fault.Start start when start.Node != 0 || _cluster.Network.IsWhole:
                _cluster.Start(start.Node);
                break;
            case Fault.Leave leave when IsMember(leave.Node):
                _cluster.Leave(leave.Node);
                break;
            case Fault.LeaveUnheard leave when IsMember(leave.Node):
                LeaveUnheard(leave.Node);
                break;
            case Fault.Down down when IsMember(down.By) && (!_plan.IsOrderly || _cluster.Network.IsWhole):
                _cluster.Down(down.By, down.Node);
                break;
            case Fault.Split split when !_plan.IsOrderly || _cluster.TryRunUntil(_ => MaySplit(), 30 * Second):
                ForPairs(split.GroupOf, _cluster.Cut);
                break;
            case Fault.CutLink cut:
                _cluster.Cut(cut.A, cut.B);
                break;
            case Fault.CutOneWay cut:
                _cluster.CutOneWay(cut.From, cut.To);
                break;
            case Fault.CutSideOneWay cut:
                ForPairs(cut.GroupOf, _cluster.CutOneWay);
                break;
            case Fault.Weather weather:
                _cluster.Note($"{weather}");
                _cluster.Network.Loss = weather.Loss;
                _cluster.Network.Duplication = weather.Duplication;
                _cluster.Network.LateShare = weather.LateShare;
                _cluster.Network.Lateness = weather.Lateness;
                break;
            case Fault.Heal:
                _cluster.Heal();
                break;
        }
    }

    private void LeaveUnheard(int leaving)
    {
        _cluster.Leave(leaving);
        _cluster.TryRunUntil(_ => !IsMember(leaving) || StatusOfItself(leaving) == MemberStatus.Exiting, 5 * Second);
        for (var other = 0; other < _plan.Nodes; other++)
            _cluster.CutOneWay(leaving, other);
        _cluster.RunFor(Second / 2);
        _cluster.Heal();
    }

    private MemberStatus StatusOfItself(int i) => _cluster[i].View.Gossip.Members[_cluster[i].Self].Status;

    /// <summary>An orderly split begins with all members of one mind and Up, and there is one at a time.</summary>
    private bool MaySplit()
    {
        var running = _cluster.Running.ToArray();
        return _cluster.Network.IsWhole
            && running.All(node =>
                node.IsMember
                && node.View.Gossip.Digest == running[0].View.Gossip.Digest
                && node.View.Gossip.Members.Count == running.Length
                && node.View.Gossip.Members.Values.All(member => member.Status == MemberStatus.Up)
                && node.View.Unreachable.IsEmpty
            );
    }

    private static void ForPairs(ImmutableArray<int> groupOf, Action<int, int> cut)
    {
        for (var a = 0; a < groupOf.Length; a++)
        for (var b = 0; b < groupOf.Length; b++)
            if (groupOf[a] < groupOf[b])
                cut(a, b);
    }

    /// <summary>
    /// Members that removed each other do not find each other again; people have to restart one side. Nobody should have to
    /// while the resolver holds its promise.
    /// </summary>
    private void MendByHand()
    {
        var sides = _cluster
            .Running.GroupBy(node => node.View.Gossip.Digest)
            .OrderByDescending(side => side.Count())
            .ToArray();
        Demand(!_plan.IsOrderly && _plan.Strategy != "none" && sides.Length > 1, "no agreement");
        Demand(
            sides.All(side => side.All(node => node.IsMember && node.View.Gossip.Members.Count == side.Count())),
            "no agreement, and no separate clusters either"
        );

        ClustersSplit++;
        foreach (var node in sides.Skip(1).SelectMany(side => side).ToArray())
            _cluster.Kill(_cluster.Addresses.IndexOf(node.Self.Address));
        StartAll();
        Demand(IsAgreed(), "no agreement, even after all but one side had been restarted");
    }

    private void StartAll()
    {
        for (var i = 0; i < _plan.Nodes; i++)
            _cluster.Start(i);
    }

    private bool IsAgreed() =>
        _cluster.TryRunUntil(
            c => c.AllAgree() && c.Running.All(node => node.View.Gossip.Seen.SetEquals(node.View.Gossip.Members.Keys)),
            Patience
        );

    private bool IsMember(int i) => _cluster.IsRunning(i) && _cluster[i].IsMember;

    private UniqueAddress Oldest() =>
        _cluster.Running.First().View.Gossip.Members.Values.Min(Member.AgeOrdering)!.UniqueAddress;

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new ViolationException(otherwise);
    }
}
