using System.Collections.Immutable;
using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>What a primary knows of one other replica.</summary>
internal sealed class Follower(ReplicaId id)
{
    public ReplicaId Id => id;

    /// <summary>The register counts it as in sync.</summary>
    public bool InSync { get; set; }

    /// <summary>The register was asked to count it; commits wait for it from before that on.</summary>
    public bool Adding { get; set; }

    /// <summary>The register was asked to count it no more.</summary>
    public bool Removing { get; set; }

    /// <summary>Its node came back with other data: nothing can be sent to it any more.</summary>
    public bool Superseded { get; set; }

    /// <summary>It is gone, or was silent for too long: until it is heard of again nothing more is expected of it.</summary>
    public bool GivenUp { get; set; }

    /// <summary>Commits wait for it so that it can catch up with them; the register was not asked yet.</summary>
    public bool Awaited { get; set; }

    /// <summary>The register may count it as in sync: only the register can take it out again.</summary>
    public bool Registered => InSync || Adding;

    /// <summary>Whether commits wait for it.</summary>
    public bool Counts => Registered || Awaited;

    /// <summary>The next entry it needs.</summary>
    public long Next { get; set; }

    /// <summary>It holds everything up to here.</summary>
    public long Match { get; set; }

    /// <summary>The last commit position it was told.</summary>
    public long CommitTold { get; set; }

    /// <summary>An answer is awaited; only one message is under way to a follower at a time.</summary>
    public bool Waiting { get; set; }

    /// <summary>The end of what is under way: an answer that says less is one to an earlier message.</summary>
    public long AwaitedThrough { get; set; }

    public Instant SentAt { get; set; }

    /// <summary>Since when it has answered nothing although an answer was awaited.</summary>
    public Instant SilentSince { get; set; }

    /// <summary>The snapshot it is being sent, if its log shares too little.</summary>
    public OutgoingSnapshot? Snapshot { get; set; }

    /// <summary>It has every part of a snapshot and stores the whole: longer work than any other.</summary>
    public bool Installing { get; set; }

    /// <summary>Entries up to here are of no use to it any more.</summary>
    public long NeedsNothingThrough => Snapshot?.At.Sequence ?? Next - 1;
}

/// <summary>A snapshot on its way, cut into parts as they are asked for.</summary>
internal sealed class OutgoingSnapshot(Epoch epoch, Snapshot snapshot, int partBytes)
{
    private ImmutableDictionary<string, StoredValue>.Enumerator _rest = snapshot.Entries.GetEnumerator();
    private bool _more = true;
    private int _index = -1;

    public Position At => snapshot.At;

    /// <summary>The part under way; sent again when its answer is lost.</summary>
    public ReplicaMessage.SnapshotPart Current { get; private set; } = null!;

    public void Advance()
    {
        _index++;
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, StoredValue>>();
        var bytes = 0;
        while (bytes < partBytes && (_more = _rest.MoveNext()))
        {
            entries.Add(_rest.Current);
            bytes += _rest.Current.Key.Length + _rest.Current.Value.Json.Length + 16;
        }

        Current = new ReplicaMessage.SnapshotPart(
            epoch,
            At,
            _index,
            !_more,
            entries.ToImmutable(),
            _more ? [] : snapshot.Epochs,
            _more ? [] : snapshot.Sessions
        );
    }
}
