using System.Collections.Immutable;
using System.Globalization;

namespace Failover.Core.Detection;

/// <summary>What the plain connection to a peer's probe port says.</summary>
public enum ProbeState
{
    /// <summary>Never connected yet.</summary>
    Unknown,

    Connected,

    /// <summary>Closed or cut; whether the process lives is not known.</summary>
    Lost,

    /// <summary>Closed, and the peer's host refuses a new one: the process is gone.</summary>
    Refused,
}

public enum Verdict
{
    /// <summary>Nothing was ever heard of it.</summary>
    Unknown,
    Alive,

    /// <summary>Silent for too long: frozen, cut off or dead.</summary>
    Suspected,

    /// <summary>Its process is gone: its host said so.</summary>
    Dead,
}

/// <summary>A judgement with its reasons.</summary>
/// <param name="Since">When the last sign of life came.</param>
public sealed record Assessment(Verdict Verdict, ImmutableArray<string> Evidence, Instant? Since)
{
    public static Assessment Unknown { get; } = new(Verdict.Unknown, [], null);

    public bool IsDown => Verdict is Verdict.Suspected or Verdict.Dead;
}

/// <summary>All that is known about the life of one other process, from every source, and what follows from it.</summary>
/// <remarks>One owner drives it. Heartbeats decide; the cluster's own detector and watched actors only add to the evidence.</remarks>
public sealed class PeerHealth(NodeId node, DetectionOptions options)
{
    private readonly PhiAccrual _phi = new(options);
    private Instant? _probeChangedAt;
    private bool _clusterUnreachable;
    private bool _actorTerminated;

    public NodeId Node => node;

    public Incarnation? Incarnation { get; private set; }

    public ProbeState Probe { get; private set; }

    public Instant? LastHeartbeat => _phi.LastHeartbeat;

    /// <summary>Whether the peer says when its next heartbeat is due. A program that does not know of this expects others not to pause.</summary>
    public bool SaysWhenNext { get; private set; }

    /// <summary>How soon the peer promised its next heartbeat.</summary>
    public TimeSpan NextWithin => _phi.NextWithin;

    public double Phi(Instant now) => _phi.Phi(now);

    /// <param name="nextWithin">How soon the peer promises its next heartbeat; null if it does not say: then each interval.</param>
    /// <returns>False for a late heartbeat of a process that has been replaced.</returns>
    public bool Heartbeat(Incarnation incarnation, TimeSpan? nextWithin, Instant now)
    {
        if (Incarnation > incarnation)
            return false;
        if (Incarnation != incarnation)
        {
            Incarnation = incarnation;
            _phi.Reset();
            _actorTerminated = false;
        }

        SaysWhenNext = nextWithin is not null;
        _phi.Heartbeat(nextWithin ?? options.Interval, now);
        if (Probe == ProbeState.Refused)
            Probe = ProbeState.Lost;
        return true;
    }

    public void ProbeChanged(ProbeState state, Instant now)
    {
        if (Probe != state)
            _probeChangedAt = now;
        Probe = state;
    }

    /// <summary>The cluster's own failure detector speaks.</summary>
    public void ClusterReachability(bool reachable) => _clusterUnreachable = !reachable;

    /// <summary>A watched actor of the peer ended, or its node was given up.</summary>
    public void ActorTerminated() => _actorTerminated = true;

    public Assessment Assess(Instant now)
    {
        var verdict = VerdictAt(now);
        if (verdict == Verdict.Unknown)
            return Assessment.Unknown;
        return new Assessment(verdict, verdict == Verdict.Alive ? [] : Evidence(now), LastHeartbeat);
    }

    /// <summary>The judgement without its reasons.</summary>
    public Verdict VerdictAt(Instant now)
    {
        if (Probe == ProbeState.Refused)
            return Verdict.Dead;
        if (LastHeartbeat is not { } last)
            return Verdict.Unknown;
        return now - last >= SilenceAllowed && _phi.Phi(now) >= options.Phi ? Verdict.Suspected : Verdict.Alive;
    }

    private TimeSpan SilenceAllowed => options.SilenceAllowedAt(_phi.NextWithin);

    /// <summary>When silence alone may turn <see cref="Assess"/> to suspicion; null when time changes nothing.</summary>
    public Instant? NextChange(Instant now)
    {
        if (LastHeartbeat is not { } last || VerdictAt(now) != Verdict.Alive)
            return null;
        var misses = last + SilenceAllowed;
        // φ has no simple inverse: look again every half interval once the misses alone would do.
        return misses > now ? misses : now + (options.Interval / 2);
    }

    private ImmutableArray<string> Evidence(Instant now)
    {
        var evidence = ImmutableArray.CreateBuilder<string>();
        if (LastHeartbeat is { } last)
        {
            var age = now - last;
            var missed = (int)(age / _phi.NextWithin);
            evidence.Add(
                Text(
                    $"last heartbeat of {node} is {age.TotalMilliseconds:0} ms old ({missed} missed, φ {Math.Min(_phi.Phi(now), 99):0.0})"
                )
            );
        }

        if (Probe is ProbeState.Refused or ProbeState.Lost && _probeChangedAt is { } at)
        {
            var what = Probe == ProbeState.Refused ? "closed, and a new one is refused: its process is gone" : "lost";
            evidence.Add(Text($"connection to {node}'s probe port {what} ({(now - at).TotalMilliseconds:0} ms ago)"));
        }

        if (_clusterUnreachable)
            evidence.Add($"the cluster's failure detector calls {node} unreachable");
        if (_actorTerminated)
            evidence.Add($"the watched actor of {node} terminated");
        return evidence.ToImmutable();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
