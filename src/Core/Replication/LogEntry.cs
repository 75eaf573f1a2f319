using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>One decided-to-be entry of a partition's log.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Command">What it does.</param>
/// <param name="Session">Whose request it carries out; null for a primary's own barrier.</param>
public sealed record LogEntry(Position Position, Command Command, SessionStamp? Session = null)
{
    public long Sequence => Position.Sequence;

    public int Size => Command.Size + 32;
}

/// <summary>A client's mark on a request, by which a retry is recognised (Raft dissertation, §6.3).</summary>
/// <param name="Client">The client's own id.</param>
/// <param name="Request">Grows with each of the client's requests; the same on every retry of one.</param>
/// <param name="CompletedBelow">The client has its answers to all requests below this: they may be forgotten.</param>
/// <param name="Since">
/// A position that some log of the partition had reached before the request was sent for the first time; the same on
/// every retry. Whatever the request did stands behind it, which is how one that was forgotten is told from a new one.
/// Null in entries that were written before it was asked for.
/// </param>
public sealed record SessionStamp(string Client, long Request, long CompletedBelow, Position? Since = null);

/// <summary>From which sequence on a log's entries carry an epoch.</summary>
public readonly record struct EpochStart(Epoch Epoch, long First);
