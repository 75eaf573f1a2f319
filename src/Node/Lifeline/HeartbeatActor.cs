using Akka.Actor;
using Akka.Event;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>
/// Tells every other node that this one lives, claims the lease for whatever it leads, and judges the life of the
/// others. It runs on threads and connections of its own, so that load on the data path cannot starve it.
/// </summary>
internal sealed partial class HeartbeatActor : ReceiveActor, IWithTimers
{
    private readonly LifelineSetup _setup;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<NodeId, Peer> _peers = [];
    private readonly Peer _itself;
    private Electorate _voters;
    private FormationId? _formation;
    private long _version;

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
        _tellsChanges = now >= _nextChanges;
        if (_tellsChanges)
            _nextChanges = now + NewsEvery;
        SendHeartbeats();
        JudgeAll();
        _tellsChanges = false;
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
        var heartbeat = new ProbeFrame.Heartbeat(report, now, NextWithin: null);
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
        if (!peer.Health.Heartbeat(report.Incarnation, heartbeat.NextWithin, Now))
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

    private void OnNodeMet(NodeInfo node)
    {
        if (node.Node == _setup.Self)
            return;
        var peer = PeerOf(node.Node);
        peer.Dialer?.Dispose();
        peer.Dialer = new ProbeDialer(node, Self);
        peer.Dialer.Start();
    }

    private Peer PeerOf(NodeId node) =>
        _peers.TryGetValue(node, out var peer) ? peer : _peers[node] = new Peer(node, _setup.Detection);
}
