using System.Collections.Immutable;
using Akka.Cluster.Gossiping;

namespace Akka.Cluster.Detection;

/// <summary>What the monitor of heartbeats wants done.</summary>
internal abstract record HeartbeatEffect
{
    private HeartbeatEffect() { }

    /// <param name="IsAnswered">Whether the one before was.</param>
    public sealed record Send(UniqueAddress To, bool IsAnswered) : HeartbeatEffect;

    public sealed record Unheard(UniqueAddress Node, double Phi, TimeSpan Silence) : HeartbeatEffect;

    public sealed record HeardAgain(UniqueAddress Node) : HeartbeatEffect;
}

/// <summary>Asks a few members for a sign of life and tells whom it no longer believes alive.</summary>
/// <remarks>
/// Reads no clock and sends nothing itself; exactly one owner drives an instance.
/// <para>
/// Of two that watch each other one asks, the one with the lower address: its next heartbeat says that the answer to the
/// last has come, which the other counts as an answer to itself. The other asks as soon as it is not told so in time.
/// </para>
/// </remarks>
internal sealed class HeartbeatMonitor(DetectionOptions options, UniqueAddress self)
{
    private readonly SortedDictionary<UniqueAddress, Peer> _peers = [];
    private TimeSpan? _lastBeat;

    private sealed class Peer(PhiAccrual phi)
    {
        public PhiAccrual Phi { get; } = phi;
        public bool IsSuspected { get; set; }

        /// <summary>An answer has come since the last beat.</summary>
        public bool HasAnswered { get; set; }

        /// <summary>Whether the last sign of life that counted was a question.</summary>
        public bool LastAsked { get; set; }

        /// <summary>When its last heartbeat came that knew of an answer from here.</summary>
        public TimeSpan? HeardAsking { get; set; }
    }

    public IReadOnlyCollection<UniqueAddress> Watched => _peers.Keys;

    /// <summary>When silence can make the first of them suspect; null: never.</summary>
    public TimeSpan? NextSuspicion
    {
        get
        {
            TimeSpan? first = null;
            foreach (var peer in _peers.Values)
            {
                if (!peer.IsSuspected && (first is null || peer.Phi.SuspectAt < first))
                    first = peer.Phi.SuspectAt;
            }

            return first;
        }
    }

    /// <summary>Chooses anew whom to watch: the next ones on the ring of members, and everyone under suspicion until it is lifted or they are gone.</summary>
    public void Watch(Gossip gossip, TimeSpan now)
    {
        var chosen = Choose(gossip).ToHashSet();
        foreach (var node in _peers.Keys.Where(node => !chosen.Contains(node)).ToArray())
            _peers.Remove(node);

        foreach (var node in chosen)
            if (!_peers.ContainsKey(node))
                _peers[node] = new Peer(new PhiAccrual(options, now + options.ExpectedResponseAfter));
    }

    /// <summary>It answered.</summary>
    public void Heard(UniqueAddress node, TimeSpan now, ICollection<HeartbeatEffect> effects)
    {
        if (!_peers.TryGetValue(node, out var peer))
            return;

        peer.HasAnswered = true;
        Heard(node, peer, asking: false, now, effects);
    }

    /// <summary>It asked, and has had the answer to its question before.</summary>
    public void HeardAsking(UniqueAddress node, TimeSpan now, ICollection<HeartbeatEffect> effects)
    {
        if (!_peers.TryGetValue(node, out var peer))
            return;

        peer.HeardAsking = now;
        Heard(node, peer, asking: true, now, effects);
    }

    private void Heard(UniqueAddress node, Peer peer, bool asking, TimeSpan now, ICollection<HeartbeatEffect> effects)
    {
        // While both ask, answers and questions would look like an irregular rhythm, and silence be borne for longer.
        var isEcho = asking != peer.LastAsked && now - peer.Phi.LastHeard < options.HeartbeatInterval / 2;
        if (isEcho && peer.Phi.HasBeenHeard)
            return;
        peer.LastAsked = asking;
        peer.Phi.Heard(now);
        Judge(node, peer, now, effects);
    }

    /// <summary>The heartbeat interval has passed.</summary>
    public void Beat(TimeSpan now, ICollection<HeartbeatEffect> effects)
    {
        ForgiveOwnPause(now);
        foreach (var (node, peer) in _peers)
        {
            if (!AsksInTime(node, peer, now))
                effects.Add(new HeartbeatEffect.Send(node, peer.HasAnswered));
            peer.HasAnswered = false;
        }

        Judge(now, effects);
    }

    public void Judge(TimeSpan now, ICollection<HeartbeatEffect> effects)
    {
        foreach (var (node, peer) in _peers)
            Judge(node, peer, now, effects);
    }

    public double Phi(UniqueAddress node, TimeSpan now) =>
        _peers.TryGetValue(node, out var peer) ? peer.Phi.Phi(now) : 0;

    private bool AsksInTime(UniqueAddress node, Peer peer, TimeSpan now) =>
        node.CompareTo(self) < 0 && now - peer.HeardAsking < options.HeartbeatInterval * 1.5;

    private static void Judge(UniqueAddress node, Peer peer, TimeSpan now, ICollection<HeartbeatEffect> effects)
    {
        var isSuspected = !peer.Phi.IsAvailable(now);
        if (isSuspected == peer.IsSuspected)
            return;

        peer.IsSuspected = isSuspected;
        effects.Add(
            isSuspected
                ? new HeartbeatEffect.Unheard(node, peer.Phi.Phi(now), now - peer.Phi.LastHeard)
                : new HeartbeatEffect.HeardAgain(node)
        );
    }

    /// <summary>
    /// A process that was stopped, or whose host was, finds on waking that everybody has been silent. It asked nobody in
    /// that time, so the silence is its own.
    /// </summary>
    private void ForgiveOwnPause(TimeSpan now)
    {
        var pause = now - _lastBeat - options.HeartbeatInterval;
        _lastBeat = now;
        if (pause > options.HeartbeatInterval)
            foreach (var peer in _peers.Values.Where(peer => !peer.IsSuspected))
                peer.Phi.Forgive(pause.Value);
    }

    private IEnumerable<UniqueAddress> Choose(Gossip gossip)
    {
        if (!gossip.Has(self))
            return [];

        var others = gossip
            .Members.Values.Where(m => m.Status != MemberStatus.Down && !m.UniqueAddress.Equals(self))
            .Select(m => m.UniqueAddress)
            .ToArray();
        if (others.Length <= options.MonitoredByNrOfMembers)
            return others;

        // Neighbours on the ring by a hash, so that nodes of one host, neighbours by address, do not all watch each other.
        var place = Place(self);
        var suspected = others.Where(node => gossip.Reachability.Suspects(self, node));
        var ring = others.OrderBy(node => unchecked((uint)(Place(node) - place))).ThenBy(node => node);
        return FirstReachable(ring, gossip.Unreachable(self)).Union(suspected);
    }

    /// <summary>
    /// Those on the way to as many reachable ones as are to be watched. The unreachable do not count: a node cut off from
    /// everybody watches on until it has found out that it is alone.
    /// </summary>
    private IEnumerable<UniqueAddress> FirstReachable(
        IEnumerable<UniqueAddress> ring,
        ImmutableHashSet<UniqueAddress> unreachable
    )
    {
        var wanted = options.MonitoredByNrOfMembers;
        foreach (var node in ring.TakeWhile(_ => wanted > 0))
        {
            yield return node;
            if (!unreachable.Contains(node))
                wanted--;
        }
    }

    /// <summary>The same on every node, unlike a string's own hash code.</summary>
    private static int Place(UniqueAddress node)
    {
        var hash = 2166136261u;
        foreach (var c in node.Address.ToString())
            hash = unchecked((hash ^ c) * 16777619);
        return unchecked((int)((hash ^ (uint)node.Uid) * 16777619));
    }
}
