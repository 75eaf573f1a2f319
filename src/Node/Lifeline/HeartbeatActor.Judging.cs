using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>Who lives and who does not, and who is told.</summary>
internal sealed partial class HeartbeatActor
{
    /// <summary>How often observers are told of positions that have changed, and of nodes that are not alive: of all at once, which wakes them once.</summary>
    private static readonly TimeSpan NewsEvery = TimeSpan.FromMilliseconds(250);

    private readonly List<IActorRef> _observers = [];

    private Instant _nextChanges;
    private bool _tellsChanges;

    private void OnObserve()
    {
        Context.Watch(Sender);
        _observers.Add(Sender);
        var now = Now;
        foreach (var (node, peer) in _peers)
            Sender.Tell(new NodeObserved(node, peer.Report, peer.Health.Assess(now)));
        if (_itself.Report is { } own)
            Sender.Tell(new NodeObserved(_setup.Self, own, new Assessment(Verdict.Alive, [], now)));
    }

    private void Judge(NodeId node, Action<PeerHealth> evidence)
    {
        if (!_peers.TryGetValue(node, out var peer))
            return;
        evidence(peer.Health);
        Judge(peer);
    }

    private void JudgeAll()
    {
        foreach (var peer in _peers.Values)
            Judge(peer);
    }

    private void Judge(Peer peer)
    {
        var assessment = peer.Health.Assess(Now);
        if (assessment.Verdict != peer.Told)
        {
            var before = peer.Told;
            peer.Told = assessment.Verdict;
            // Whoever hears of it and looks at the picture must find it there.
            _setup.Sight.Publish(Picture());
            // A process that was gone and has been replaced is not heard yet, which is no news.
            var isNews = before == Verdict.Unknown ? assessment.IsDown : before != Verdict.Dead || !assessment.IsDown;
            if (isNews)
                Announce(peer, assessment);
            if (assessment.IsDown)
                TellOfTheOthers(peer);
        }
        else if (!IsNews(peer))
        {
            return;
        }

        Tell(peer, assessment);
    }

    /// <summary>Whoever decides what follows from a death should know what the survivors hold now.</summary>
    private void TellOfTheOthers(Peer dead)
    {
        foreach (var peer in _peers.Values)
        {
            if (peer != dead && peer.Told == Verdict.Alive)
                Tell(peer, peer.Health.Assess(Now));
        }
    }

    /// <summary>
    /// A report is news when something but its positions changed; positions wait until it is time to tell of changes. Of a
    /// node that lives on and says what it said, nobody needs to hear again.
    /// </summary>
    private bool IsNews(Peer peer)
    {
        if (peer.Report is not { } report)
            return false;
        if (peer.ToldReport is not { } told || report.DiffersFrom(told) || Hangs(report) != Hangs(told))
            return true;
        var lives = peer == _itself || peer.Told == Verdict.Alive;
        return _tellsChanges && (!lives || !report.SaysTheSameAs(told));
    }

    private bool Hangs(NodeReport report)
    {
        foreach (var replica in report.Replicas)
        {
            if (replica.Idle >= _setup.Detection.HungAfter)
                return true;
        }

        return false;
    }

    private void Tell(Peer peer, Assessment assessment)
    {
        var told = peer.ToldReport;
        peer.ToldReport = peer.Report;
        Tell(new NodeObserved(peer.Health.Node, peer.Report, assessment));
        if (peer != _itself && peer.Report is { } report && (told is null || report.DiffersFrom(told)))
        {
            // Whoever hears of it and looks at the picture must find it there.
            _setup.Sight.Publish(Picture());
            Context.System.EventStream.Publish(new Happening("report", ReportNews.Describe(report, told)));
        }
    }

    private void Announce(Peer peer, Assessment assessment)
    {
        var what = assessment.Verdict switch
        {
            Verdict.Dead => "is gone",
            Verdict.Suspected => "is silent",
            _ => "is heard again",
        };
        var why = assessment.Evidence.IsEmpty ? "" : $": {string.Join("; ", assessment.Evidence)}";
        var message = $"{peer.Health.Node} {what}{why}";
        _log.Info("{0}", message);
        Context.System.EventStream.Publish(new Happening("heartbeat", message));
    }

    private void Tell(NodeObserved observed)
    {
        foreach (var observer in _observers)
            observer.Tell(observed);
    }

    private Dictionary<NodeId, PeerSight> Picture()
    {
        var now = Now;
        return _peers.ToDictionary(
            p => p.Key,
            p => new PeerSight(
                p.Value.Report,
                p.Value.Health.LastHeartbeat,
                p.Value.Health.Phi(now),
                p.Value.Health.Probe,
                p.Value.Told
            )
        );
    }
}
