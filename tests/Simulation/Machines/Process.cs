using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Detection;
using Failover.Core.Leases;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;

namespace Failover.Simulation.Machines;

/// <summary>One run of a node: the core's state machines, wired as the shells wire them (docs/protocol.md, "The shell's duties").</summary>
internal sealed partial class Process
{
    private readonly World _world;
    private readonly Machine _machine;
    private readonly LeaseOptions _leases = new();
    private readonly DetectionOptions _detection = new();
    private readonly HeartbeatPace _pace;
    private readonly Dictionary<NodeId, Peer> _peers = [];
    private readonly ImmutableArray<PartitionShell> _partitions;
    private FormationState? _known;
    private bool _read;
    private PolicyInput.NodeObserved? _toldOfItself;
    private Instant _nextBeat;
    private Instant _askedAt;

    private sealed class Peer(PeerHealth health)
    {
        public PeerHealth Health => health;
        public NodeReport? Report { get; set; }

        /// <summary>What the policies were told last.</summary>
        public PolicyInput.NodeObserved? Told { get; set; }

        /// <summary>The run of the peer that the probe connection leads to; 0 while there is none.</summary>
        public long ConnectedTo { get; set; }
    }

    public Process(World world, Machine machine)
    {
        _world = world;
        _machine = machine;
        StartedAt = world.Now;
        Incarnation = new Incarnation(machine.Run);
        _pace = new HeartbeatPace(_detection);
        // Nobody knows what the last process promised just before it ended, or whether there was one.
        _acceptor = new Acceptor(
            machine.Acceptor,
            new LeaseGrants(_leases, machine.Clock),
            machine.Name,
            Incarnation,
            machine.Formation
        );
        _acceptorAlarm = new Alarm(world, machine, () => StepAcceptor(AcceptorInput.DeadlineReached.Instance));
        _proposer = new Proposer(
            new ProposerOptions
            {
                Self = machine.Name,
                Incarnation = Incarnation,
                Electorate = machine.Acceptor.State?.Electorate ?? world.Voters,
                Formation = machine.Formation,
            }
        );
        _proposerAlarm = new Alarm(world, machine, () => StepProposer(new ProposerInput.DeadlineReached()));
        foreach (var other in world.Machines)
        {
            if (other != machine)
                _peers.Add(other.Name, new Peer(new PeerHealth(other.Name, _detection)));
        }

        _partitions = machine.HasData
            ? [.. machine.Logs.Select((log, p) => new PartitionShell(world, this, new PartitionId(p), log))]
            : [];
    }

    public Incarnation Incarnation { get; }

    public TimeSpan StartedAt { get; }

    public Machine Machine => _machine;

    public FormationState? Known => _known;

    public LeaseOptions Leases => _leases;

    public TimeSpan HungAfter => _detection.HungAfter;

    public ImmutableArray<PartitionShell> Partitions => _partitions;

    public Instant Now => _machine.Clock;

    private WallTime WallNow => new((long)_world.Now.TotalMilliseconds);

    public void Start()
    {
        if (_machine.HasData)
            _standIn = NewPolicy(Mandate.StandIn);
        ReadFormation();
        Tick();
    }

    /// <summary>A starting node acts on nothing before a majority told it where the formation stands.</summary>
    private void ReadFormation() =>
        Propose(
            new Change.Confirm(),
            TimeSpan.FromSeconds(1),
            outcome =>
            {
                if (outcome is ProposalOutcome.Done done)
                    OnFormationRead(done.State);
                else
                    ReadFormation();
            }
        );

    private void OnFormationRead(FormationState? state)
    {
        _read = true;
        foreach (var partition in _partitions)
        {
            partition.Step(new ReplicaInput.FormationRead(state?.ViewOf(partition.Id), state?.Version ?? 0));
            // What was heard while the read was under way may be newer, and would not be heard again.
            if (_known is not null && _known.Version > (state?.Version ?? 0))
                partition.Step(new ReplicaInput.ViewCommitted(_known.ViewOf(partition.Id)!, _known.Version));
        }

        ToPolicies(new PolicyInput.StateLearned(_known ?? state, WallNow));
    }

    /// <summary>A committed state, from this node's own proposer or from anybody else.</summary>
    public void OnStateCommitted(FormationState state)
    {
        if (_known is not null && _known.Version >= state.Version)
            return;
        _known = state;
        _machine.Formation ??= state.Formation;
        // The next heartbeat says that this node counts by this state's voters: no replica may rely on others then.
        foreach (var partition in _partitions)
            partition.VotersMayHaveChanged();
        StepProposer(new ProposerInput.Learned(state));
        StepAcceptor(new AcceptorInput.Learned(state));
        if (_read)
        {
            foreach (var partition in _partitions)
                partition.Step(new ReplicaInput.ViewCommitted(state.ViewOf(partition.Id)!, state.Version));
        }

        ToPolicies(new PolicyInput.StateLearned(state, WallNow));
        TellNews();
    }

    /// <summary>Comes when a beat was due at last sight; what has put it off since then does so again.</summary>
    private void Tick()
    {
        // The machine's clock and the world's are rounded differently.
        if (Now + TimeSpan.FromMicroseconds(10) >= _nextBeat)
        {
            Beat();
            _nextBeat = Now + _pace.BeatEvery;
        }

        _world.For(_machine, _machine.TrueTimeOf(_nextBeat), Tick);
    }

    /// <summary>A client asks a replica of this node.</summary>
    public void Asked()
    {
        _askedAt = Now;
        if (!_pace.Dozes)
            return;
        // What is due sooner than the next tick is done now, and the tick finds nothing to do.
        Beat();
    }

    private void Beat()
    {
        SendHeartbeats();
        foreach (var (name, peer) in _peers)
        {
            LookForProcess(name, peer);
            Judge(name, peer);
        }

        var itself = new PolicyInput.NodeObserved(_machine.Name, Report(), new Assessment(Verdict.Alive, [], Now));
        if (!IsNews(itself, _toldOfItself))
            return;
        _toldOfItself = itself;
        ToPolicies(itself);
    }

    /// <summary>A role or a lease changed.</summary>
    public void TellAll()
    {
        _pace.OweAll();
        SendHeartbeats();
    }

    private void TellNews()
    {
        if (Says(Report()))
            SendHeartbeats();
    }

    /// <summary>Each interval, and when there are news: to whoever is owed one.</summary>
    private void SendHeartbeats()
    {
        var report = Report();
        Says(report);
        LeaseClaim[] claims =
        [
            .. report.Replicas.Select(r => _partitions[r.Partition.Value].Claim(r)).OfType<LeaseClaim>(),
        ];
        var sentAt = Now;
        OnClaims(new AcceptorInput.Claimed(_machine.Name, Incarnation, report.Version, sentAt, claims));
        foreach (var other in _world.Machines)
        {
            if (other == _machine || !_pace.IsOwed(other.Name, sentAt))
                continue;
            var next = _pace.NextWithin(_peers[other.Name].Health, sentAt);
            _pace.Sent(other.Name, next, sentAt);
            _world.Send(_machine, other, to => to.OnHeartbeat(_machine, report, next, claims, sentAt));
        }
    }

    private bool Says(NodeReport report)
    {
        _pace.IsQuiet = Now - _askedAt >= HeartbeatPace.QuietAfter;
        return _pace.Says(report, _known, WhatIsHeardOf);
    }

    private NodeReport? WhatIsHeardOf(NodeId node) =>
        _peers.TryGetValue(node, out var peer) && peer.Health.VerdictAt(Now) == Verdict.Alive ? peer.Report : null;

    private NodeReport Report() =>
        new(
            _machine.Name,
            Incarnation,
            _known?.Formation ?? _acceptor.State.State?.Formation,
            _known?.Version ?? 0,
            _monitor is not null,
            [.. _partitions.Select(p => p.Report())]
        );

    private void OnHeartbeat(Machine from, NodeReport report, TimeSpan next, LeaseClaim[] claims, Instant sentAt)
    {
        if (!TryHear(from, report, next))
            return;
        OnClaims(new AcceptorInput.Claimed(from.Name, report.Incarnation, report.Version, sentAt, claims));
        Judge(from.Name, _peers[from.Name]);
    }

    /// <summary>A heartbeat came, or an answer, which is one too.</summary>
    /// <returns>False for what comes late from a process that has been replaced.</returns>
    private bool TryHear(Machine from, NodeReport report, TimeSpan next)
    {
        var peer = _peers[from.Name];
        if (!peer.Health.Heartbeat(report.Incarnation, next, Now))
            return false;
        peer.Report = report;
        if (_known is not null && report.Version < _known.Version && _known is var known)
            _world.Send(_machine, from, to => to.OnStateCommitted(known));
        return true;
    }

    private void Judge(NodeId name, Peer peer)
    {
        // Before anything was heard of it there is nothing to say, but that its host may refuse connections.
        var observed = new PolicyInput.NodeObserved(name, peer.Report, peer.Health.Assess(Now));
        if (!IsNews(observed, peer.Told))
            return;
        peer.Told = observed;
        ToPolicies(observed);
    }

    /// <summary>Of a node that lives on and says what it said nobody hears again.</summary>
    private bool IsNews(PolicyInput.NodeObserved observed, PolicyInput.NodeObserved? told) =>
        told is not { Assessment.Verdict: Verdict.Alive, Report: { } before }
        || observed is not { Assessment.Verdict: Verdict.Alive, Report: { } report }
        || !report.SaysTheSameAs(before)
        || Hangs(report) != Hangs(before);

    private bool Hangs(NodeReport report) => report.Replicas.Any(r => r.Idle >= _detection.HungAfter);

    /// <summary>The probe: tries to connect when it is not connected; a refusal proves that no process is there.</summary>
    private void LookForProcess(NodeId name, Peer peer)
    {
        var other = _world.MachineOf(name);
        if (peer.ConnectedTo != 0 || _world.Refuses(_machine, other) is not { } refused)
            return;
        if (refused)
        {
            peer.Health.ProbeChanged(ProbeState.Refused, Now);
            if (peer.Health.Incarnation is { } gone)
                OnProcessGone(name, gone);
            return;
        }

        peer.ConnectedTo = other.Run;
        peer.Health.ProbeChanged(ProbeState.Connected, Now);
    }

    /// <summary>The kernel of the peer's host closed the probe connection, as it does when the process ends.</summary>
    public void OnConnectionClosed(Machine other, long run)
    {
        var peer = _peers[other.Name];
        if (peer.ConnectedTo != run)
            return;
        peer.ConnectedTo = 0;
        peer.Health.ProbeChanged(ProbeState.Lost, Now);
        foreach (var partition in _partitions)
            partition.Forget(other.Name);
        LookForProcess(other.Name, peer);
        Judge(other.Name, peer);
    }

    private void OnProcessGone(NodeId node, Incarnation incarnation)
    {
        StepAcceptor(new AcceptorInput.ProcessGone(node, incarnation));
        foreach (var partition in _partitions)
            partition.Step(new ReplicaInput.ProcessGone(node));
    }

    public void OnReplicaMessage(PartitionId partition, ReplicaInput.Received received)
    {
        if (partition.Value < _partitions.Length)
            _partitions[partition.Value].Step(received);
    }
}
