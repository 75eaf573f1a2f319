namespace Failover.Simulation.Scenarios;

internal enum FaultKind
{
    /// <summary>The process dies; its host answers.</summary>
    Crash,

    /// <summary>The process dies and comes back without its replicas' data.</summary>
    CrashAndWipe,
    CrashAll,

    /// <summary>Nothing is handled for a while, then everything at once.</summary>
    Pause,

    /// <summary>A replica's own thread stands still while its node's heartbeats go on.</summary>
    Hang,

    /// <summary>One node reaches nobody and is reached by nobody.</summary>
    CutOff,

    /// <summary>One node can send, but hears nothing; or the other way round.</summary>
    CutOneWay,

    /// <summary>Two nodes cannot reach each other.</summary>
    CutPair,

    /// <summary>The disk stops writing until the process is started again.</summary>
    DiskFails,
    SlowDisk,

    /// <summary>For a while many more messages are lost.</summary>
    Storm,
    MonitorAbsent,
    MonitorDoubled,
    MonitorMoves,
    Switchover,
    ForcedFailover,
    ForcedFailoverWithLoss,
    PauseFormation,
    Maintenance,
    RemoveVoter,
    AddVoter,

    /// <summary>
    /// A firewall resets what the others send to a node, and refuses their connections as if no process were there. The
    /// node itself sees none of it, and clients still reach it.
    /// </summary>
    Resets,

    /// <summary>Links come and go, each by itself: a partition heals in the middle of a round and another begins.</summary>
    Flapping,

    /// <summary>Several changes of the voters, each as soon as the one before is done, or left half done.</summary>
    ChainOfVoters,

    /// <summary>Two operators at two nodes take different voters out at the same time, each the other's node if they can.</summary>
    RivalOperators,

    /// <summary>The voters that grant a primary its lease are taken out while it hears of nothing, and it is deposed at once.</summary>
    ReplaceVotersOfPrimary,

    /// <summary>The process dies and comes back with an empty directory: neither its replicas' data nor its votes.</summary>
    WipeVoter,
}

/// <summary>Whom a fault hits is decided when it happens: aiming at whoever is primary then finds more than aiming at a name.</summary>
internal enum Aim
{
    Node,
    Primary,
    Standby,
    Monitor,
}

/// <param name="Index">Which node, or the primary or standby of which partition.</param>
/// <param name="For">How long it lasts.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, Aim Aim, int Index, TimeSpan For)
{
    public override string ToString() =>
        $"at {At.TotalMilliseconds:0} ms: {Kind} of {Aim} {Index} for {For.TotalMilliseconds:0} ms";
}
