using System.Diagnostics.CodeAnalysis;
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
internal sealed partial class HeartbeatActor : ReceiveActor
{
    private readonly LifelineSetup _setup;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<NodeId, Peer> _peers = [];
    private readonly Peer _itself;
    private readonly HeartbeatPace _pace;
    private readonly Func<NodeId, NodeReport?> _whatIsHeardOf;
    private Electorate _voters;
    private FormationId? _formation;
    private FormationState? _state;
    private LifelineLoop.Beat? _beat;

    public HeartbeatActor(LifelineSetup setup)
    {
        _setup = setup;
        _voters = setup.Voters;
        _formation = setup.Formation;
        _itself = new Peer(setup.Self, setup.Detection);
        _pace = new HeartbeatPace(setup.Detection);
        _whatIsHeardOf = node =>
            _peers.TryGetValue(node, out var peer) && peer.Health.VerdictAt(Now) == Verdict.Alive ? peer.Report : null;

        Receive<Beat>(_ => OnBeat());
        Receive<FrameReceived>(OnFrame);
        Receive<ClaimsAnswered>(OnClaimsAnswered);
        Receive<ProbeChanged>(OnProbeChanged);
        Receive<ProbeGarbage>(m => _log.Warning("closed a probe connection: {0}", m.What));
        Receive<NodeMet>(m => OnNodeMet(m.Node));
        Receive<RoleChanged>(OnRoleChanged);
        Receive<StateLearned>(m => OnStateLearned(m.State));
        Receive<ClusterReachability>(m => Judge(m.Node, h => h.ClusterReachability(m.Reachable)));
        Receive<ActorEnded>(m => Judge(m.Node, h => h.ActorTerminated()));
        Receive<MonitorRuns>(OnMonitorRuns);
        Receive<ObserveNodes>(_ => OnObserve());
        Receive<Terminated>(m => _observers.Remove(m.ActorRef));
    }

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
        var self = Self;
        _beat = _setup.Loop.Every(_setup.Lease.Interval, () => self.Tell(Beat.Instance, ActorRefs.NoSender));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _beat?.Dispose();
        foreach (var peer in _peers.Values)
            peer.Dialer?.Dispose();
    }

    private Instant Now => _setup.Clock.Now;

    private void OnBeat()
    {
        var now = Now;
        DoBeat(Report(now), now);
        _beat?.Next(_pace.BeatEvery);
    }

    private void DoBeat(NodeReport report, Instant now)
    {
        _tellsChanges = now >= _nextChanges;
        if (_tellsChanges)
            _nextChanges = now + NewsEvery;
        SendHeartbeats(report, now);
        JudgeAll();
        _tellsChanges = false;
        _setup.Sight.Publish(Picture());
    }

    /// <summary>To whoever is owed one.</summary>
    private void SendHeartbeats()
    {
        var now = Now;
        SendHeartbeats(Report(now), now);
    }

    private void SendHeartbeats(NodeReport report, Instant now)
    {
        Says(report, now);
        // The same bytes go to every peer that is promised the same.
        byte[]? frame = null;
        TimeSpan? promised = null;
        foreach (var (node, peer) in _peers)
        {
            if (peer.Dialer is not { } dialer || !_pace.IsOwed(node, now))
                continue;
            var next = _pace.NextWithin(peer.Health, now);
            if (frame is null || promised != next)
                frame = ProbeCodec.Encode(new ProbeFrame.Heartbeat(report, now, next));
            promised = next;
            if (dialer.TrySend(frame))
                _pace.Sent(node, next, now);
        }

        // This node votes for itself, too, and is an observed node like any other.
        ShowToAcceptor(_itself, report, now, reply: null);
        TellOfItself(report, now);
    }

    /// <returns>Whether everybody is owed a heartbeat now.</returns>
    private bool Says(NodeReport report, Instant now)
    {
        _pace.IsQuiet = now - _setup.Board.AskedAt >= HeartbeatPace.QuietAfter;
        var hurries = _pace.Says(report, _state, _whatIsHeardOf);
        _setup.Board.Dozes = _pace.Dozes;
        return hurries;
    }

    /// <summary>What cannot wait for the next beat: everybody hears of it now.</summary>
    private void SendNews()
    {
        var now = Now;
        SendNews(Report(now), now);
    }

    private void SendNews(NodeReport report, Instant now)
    {
        if (Says(report, now))
            SendHeartbeats(report, now);
    }

    private NodeReport Report(Instant now) =>
        new(
            _setup.Self,
            _setup.Incarnation,
            _formation,
            _state?.Version ?? 0,
            _setup.Sight.SelfMonitors,
            [.. _setup.Board.Report(now).Select(r => Rested(r, now))]
        );

    private void OnMonitorRuns(MonitorRuns monitor)
    {
        _setup.Sight.SelfMonitors = monitor.Running;
        SendNews();
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

    private void OnHeartbeat(ProbeFrame.Heartbeat heartbeat, Func<ProbeFrame, bool> reply)
    {
        if (!TryHear(heartbeat.Report, heartbeat.NextWithin, out var peer))
            return;
        ShowToAcceptor(peer, heartbeat.Report, heartbeat.SentAt, reply);
        Judge(peer);
    }

    /// <summary>A heartbeat came, or an answer, which is one too.</summary>
    /// <returns>False if it says nothing about any peer: it is late, or from elsewhere.</returns>
    private bool TryHear(NodeReport report, TimeSpan? nextWithin, [NotNullWhen(true)] out Peer? peer)
    {
        peer = null;
        if (
            report.Node == _setup.Self
            || (_formation is not null && report.Formation is { } other && other != _formation)
        )
            return false;
        peer = PeerOf(report.Node);
        if (!peer.Health.Heartbeat(report.Incarnation, nextWithin, Now))
            return false;
        peer.Report = report;
        if (report.Version > (_state?.Version ?? 0))
            _setup.Register.Tell(new RegisterActor.Outdated(report.Node));
        return true;
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
        SendNews();
    }

    private void OnNodeMet(NodeInfo node)
    {
        if (node.Node == _setup.Self)
            return;
        var peer = PeerOf(node.Node);
        peer.Dialer?.Dispose();
        peer.Dialer = new ProbeDialer(node, Self, _setup.Loop);
        peer.Dialer.Start();
    }

    private Peer PeerOf(NodeId node) =>
        _peers.TryGetValue(node, out var peer) ? peer : _peers[node] = new Peer(node, _setup.Detection);
}
