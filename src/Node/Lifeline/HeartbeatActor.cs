using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>
/// Tells every other node that this one lives, claims the lease for whatever it leads, and judges the life of the
/// others. It runs on threads and connections of its own, so that load on the data path cannot starve it.
/// </summary>
internal sealed class HeartbeatActor : ReceiveActor, IWithTimers
{
    /// <summary>How often observers are told of nodes that have nothing new to say: of all at once, which wakes them once.</summary>
    private static readonly TimeSpan NewsEvery = TimeSpan.FromMilliseconds(250);

    private readonly LifelineSetup _setup;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<NodeId, Peer> _peers = [];
    private readonly Dictionary<PartitionId, LeaseHold> _leases = [];
    private readonly Dictionary<PartitionId, Instant?> _leasesTold = [];
    private readonly List<IActorRef> _observers = [];
    private readonly Peer _itself;
    private Electorate _voters;
    private FormationId? _formation;
    private long _version;
    private Instant _nextTellsAll;
    private bool _tellsAll;

    public HeartbeatActor(LifelineSetup setup)
    {
        _setup = setup;
        _voters = setup.Voters;
        _formation = setup.Formation;
        _itself = new Peer(setup.Self, setup.Detection);

        Receive<Beat>(_ => OnBeat());
        Receive<FrameReceived>(OnFrame);
        Receive<ProbeFrame.HeartbeatAck>(OnAck);
        Receive<ProbeChanged>(OnProbeChanged);
        Receive<ProbeGarbage>(m => _log.Warning("closed a probe connection: {0}", m.What));
        Receive<NodeMet>(m => OnNodeMet(m.Node));
        Receive<RoleChanged>(OnRoleChanged);
        Receive<StateLearned>(m => OnStateLearned(m.State));
        Receive<ClusterReachability>(m => Judge(m.Node, h => h.ClusterReachability(m.Reachable)));
        Receive<ActorEnded>(m => Judge(m.Node, h => h.ActorTerminated()));
        Receive<MonitorRuns>(m => _setup.Sight.SelfMonitors = m.Running);
        Receive<ObserveNodes>(_ => OnObserve());
        Receive<Terminated>(m => _observers.Remove(m.ActorRef));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    internal sealed record Beat
    {
        public static readonly Beat Instance = new();
    }

    /// <summary>A replica of this node plays another role, or the same in another epoch, or gave its lease back.</summary>
    internal sealed record RoleChanged(PartitionId Partition, ReplicaRole Role, Epoch Epoch, bool LeaseReleased);

    /// <summary>One other node: who it is, the connection to it, what is known of its life.</summary>
    private sealed class Peer(NodeId node, DetectionOptions options)
    {
        public PeerHealth Health { get; } = new(node, options);
        public ProbeDialer? Dialer { get; set; }
        public NodeReport? Report { get; set; }
        public Verdict Told { get; set; } = Verdict.Unknown;
        public NodeReport? ToldReport { get; set; }

        /// <summary>The process whose heartbeat the acceptor has last been shown.</summary>
        public Incarnation? ShownToAcceptor { get; set; }
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(NodeMet));
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
        Timers.StartPeriodicTimer(nameof(Beat), Beat.Instance, TimeSpan.Zero, _setup.Lease.Interval);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var peer in _peers.Values)
            peer.Dialer?.Dispose();
    }

    private Instant Now => _setup.Clock.Now;

    private void OnBeat()
    {
        var now = Now;
        _tellsAll = now >= _nextTellsAll;
        if (_tellsAll)
            _nextTellsAll = now + NewsEvery;
        SendHeartbeats();
        JudgeAll();
        _tellsAll = false;
        _setup.Sight.Publish(Picture());
    }

    private void SendHeartbeats()
    {
        var now = Now;
        var report = new NodeReport(
            _setup.Self,
            _setup.Incarnation,
            _formation,
            _version,
            _setup.Sight.SelfMonitors,
            [.. _setup.Board.Report(now).Select(r => Rested(r, now))]
        );
        var heartbeat = new ProbeFrame.Heartbeat(report, now);
        var frame = ProbeCodec.Encode(heartbeat);
        foreach (var peer in _peers.Values)
            peer.Dialer?.TrySend(frame);
        // This node votes for itself, too, and is an observed node like any other.
        var self = Self;
        ShowToAcceptor(_itself, heartbeat, reply => self.Tell(reply));
        TellOfItself(report, now);
    }

    private void TellOfItself(NodeReport report, Instant now)
    {
        _itself.Report = report;
        if (IsNews(_itself))
            Tell(_itself, new Assessment(Verdict.Alive, [], now));
    }

    /// <summary>A lease that bears no fruit is given back for a while.</summary>
    private ReplicaReport Rested(ReplicaReport replica, Instant now)
    {
        if (!_leases.TryGetValue(replica.Partition, out var lease))
            return replica;
        // The release may be on the board before its message is here. From the moment that voters hear of it their
        // grants are void, so an answer that is under way must not count from this same moment on.
        if (replica.Released)
            lease.Release(now);
        else if (replica.Claims(_setup.Detection.HungAfter) && lease.Rests(_voters, now))
            return replica with { Released = true };
        return replica;
    }

    private void OnFrame(FrameReceived received)
    {
        switch (received.Frame)
        {
            case ProbeFrame.Heartbeat heartbeat:
                OnHeartbeat(heartbeat, received.Reply);
                break;
            case ProbeFrame.HeartbeatAck ack:
                OnAck(ack);
                break;
        }
    }

    private void OnHeartbeat(ProbeFrame.Heartbeat heartbeat, Action<ProbeFrame> reply)
    {
        var report = heartbeat.Report;
        if (
            report.Node == _setup.Self
            || (_formation is not null && report.Formation is { } other && other != _formation)
        )
            return;
        var peer = PeerOf(report.Node);
        if (!peer.Health.Heartbeat(report.Incarnation, Now))
            return;
        peer.Report = report;
        ShowToAcceptor(peer, heartbeat, reply);
        if (report.Version > _version)
            _setup.Register.Tell(new RegisterActor.Outdated(report.Node));
        Judge(peer);
    }

    /// <summary>Whoever claims nothing needs no vote; but a new process voids what an older one of its node was granted.</summary>
    private void ShowToAcceptor(Peer peer, ProbeFrame.Heartbeat heartbeat, Action<ProbeFrame> reply)
    {
        var report = heartbeat.Report;
        var claims = report.Replicas.Any(r => r.Released || r.Claims(_setup.Detection.HungAfter));
        if (peer.ShownToAcceptor == report.Incarnation && !claims)
            return;
        peer.ShownToAcceptor = report.Incarnation;
        _setup.Acceptor.Tell(new AcceptorActor.Claimed(report, heartbeat.SentAt, reply));
    }

    private void OnAck(ProbeFrame.HeartbeatAck ack)
    {
        foreach (var answer in ack.Answers)
        {
            if (!answer.Granted || !_leases.TryGetValue(answer.Partition, out var lease))
                continue;
            lease.Granted(ack.Voter, answer.Epoch, ack.SentAt);
            TellLease(answer.Partition, answer.Epoch, lease);
        }
    }

    /// <summary>
    /// Tells the replica its lease when that matters: it had none, it has less than it knows of, or what it knows of has
    /// grown by a quarter. Every single renewal would wake the data path for nothing.
    /// </summary>
    private void TellLease(PartitionId partition, Epoch epoch, LeaseHold lease)
    {
        var held = lease.HeldUntil(_voters);
        var told = _leasesTold.GetValueOrDefault(partition);
        var grew = held - told;
        if (told > Now && grew >= TimeSpan.Zero && grew < _setup.Lease.Reliance / 4)
            return;
        _leasesTold[partition] = held;
        _setup.Replica(partition)?.Tell(new ReplicaInput.LeaseChanged(epoch, held));
    }

    private void OnProbeChanged(ProbeChanged changed)
    {
        var peer = PeerOf(changed.Node);
        if (peer.Dialer is not { } dialer || dialer.Peer.Incarnation != changed.Incarnation)
            return;
        var isNews = peer.Health.Probe != changed.State;
        peer.Health.ProbeChanged(changed.State, Now);
        if (changed.State != ProbeState.Connected)
            ForgetGrants(changed.Node);
        if (changed.State == ProbeState.Refused && isNews)
        {
            _setup.Acceptor.Tell(new AcceptorActor.ProcessGone(changed.Node, changed.Incarnation));
            foreach (var line in _setup.Board.Lines)
                _setup.Replica(line.Partition)?.Tell(new ReplicaInput.ProcessGone(changed.Node));
        }

        Judge(peer);
    }

    /// <summary>A voter that cannot be reached may shorten what it granted.</summary>
    private void ForgetGrants(NodeId voter)
    {
        foreach (var (partition, lease) in _leases)
        {
            lease.Forget(voter);
            if (_setup.Board.Of(partition) is { } line)
                TellLease(partition, line.Epoch, lease);
        }
    }

    private void OnNodeMet(NodeInfo node)
    {
        if (node.Node == _setup.Self)
            return;
        var peer = PeerOf(node.Node);
        peer.Dialer?.Dispose();
        peer.Dialer = new ProbeDialer(node, Self);
        peer.Dialer.Start();
    }

    private void OnRoleChanged(RoleChanged changed)
    {
        var lease = _leases.TryGetValue(changed.Partition, out var known)
            ? known
            : _leases[changed.Partition] = new LeaseHold(_setup.Lease);
        // Grants of another reign, or from before the lease was given back, count no more; the replica knows of none.
        _leasesTold.Remove(changed.Partition);
        if (changed.LeaseReleased)
            lease.Release(Now);
        else if (changed.Role is not (ReplicaRole.Primary or ReplicaRole.Draining))
            lease.Begin(changed.Epoch);
        if (changed.Role == ReplicaRole.Promoting)
            TellWhoIsGone(changed.Partition);
        SendHeartbeats();
    }

    /// <summary>A replica that follows has no use for the news that a process is gone; one that begins to lead has.</summary>
    private void TellWhoIsGone(PartitionId partition)
    {
        foreach (var (node, peer) in _peers)
        {
            if (peer.Health.Probe == ProbeState.Refused)
                _setup.Replica(partition)?.Tell(new ReplicaInput.ProcessGone(node));
        }
    }

    private void OnStateLearned(FormationState state)
    {
        _formation = state.Formation;
        _version = Math.Max(_version, state.Version);
        var isOutdated =
            !_voters.All.SequenceEqual(state.Electorate.All) || _voters.Former.IsEmpty != state.Former.IsEmpty;
        _voters = state.Electorate;
        if (!isOutdated)
            return;
        // The next heartbeat says that this node counts by the new list: no replica may rely on the old one then.
        foreach (var (partition, lease) in _leases)
        {
            if (_setup.Board.Of(partition) is { } line)
                TellLease(partition, line.Epoch, lease);
        }
    }

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

    /// <summary>A report is news when something but its positions changed, or when it is time to tell of everybody.</summary>
    private bool IsNews(Peer peer) =>
        peer.Report is { } report && (_tellsAll || peer.ToldReport is not { } told || ReportNews.IsNews(report, told));

    private void Tell(Peer peer, Assessment assessment)
    {
        var told = peer.ToldReport;
        peer.ToldReport = peer.Report;
        Tell(new NodeObserved(peer.Health.Node, peer.Report, assessment));
        if (peer != _itself && peer.Report is { } report && (told is null || ReportNews.IsNews(report, told)))
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

    private Peer PeerOf(NodeId node) =>
        _peers.TryGetValue(node, out var peer) ? peer : _peers[node] = new Peer(node, _setup.Detection);

    private ImmutableDictionary<NodeId, PeerSight> Picture()
    {
        var now = Now;
        return _peers.ToImmutableDictionary(
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
