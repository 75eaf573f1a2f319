namespace Failover.Core.Replication;

public enum ReplicaRole
{
    /// <summary>Has not yet heard the formation's state from a majority.</summary>
    Starting,

    /// <summary>Named primary by a view from before this process started: it must be promoted anew before it serves.</summary>
    Candidate,

    /// <summary>Catching up with the primary.</summary>
    Joining,

    /// <summary>In sync: holds everything that was acknowledged.</summary>
    Standby,

    /// <summary>Primary of a new epoch whose barrier is not committed yet: acknowledges nothing.</summary>
    Promoting,

    /// <summary>Serves.</summary>
    Primary,

    /// <summary>Primary that admits no more requests because it hands its role over.</summary>
    Draining,

    /// <summary>Its storage failed; it takes no part until it is started again.</summary>
    Failed,
}
