using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;

namespace Failover.Simulation.Checks;

/// <summary>
/// The simplest thing that applies a log: no snapshots, every version of the map and every request ever carried out kept.
/// Which sessions a replica remembers it works out anew for each entry.
/// </summary>
internal sealed class Reference(int sessionCapacity)
{
    private readonly List<ImmutableDictionary<string, StoredValue>> _maps =
    [
        ImmutableDictionary<string, StoredValue>.Empty,
    ];
    private readonly Dictionary<Command, (CommandResult Result, long Sequence)> _results = new(
        ReferenceEqualityComparer.Instance
    );

    /// <summary>Every request that was ever carried out, and where.</summary>
    private readonly Dictionary<(string Client, long Request), long> _carriedOut = [];
    private readonly HashSet<(string Client, long Request)> _refused = [];
    private readonly Dictionary<string, Session> _sessions = [];

    /// <param name="Since">The entry that began it.</param>
    /// <param name="Floor">What was last used before this may have been forgotten when it began.</param>
    private sealed record Session(long Since, Position Floor, long CompletedBelow, Position LastUsed);

    public ImmutableDictionary<string, StoredValue> At(long sequence) => _maps[(int)sequence];

    /// <summary>What a command gave when it was first applied.</summary>
    public (CommandResult Result, long Sequence)? Find(Command command) =>
        _results.TryGetValue(command, out var found) ? found : null;

    /// <summary>Whether a copy of the request had to be refused.</summary>
    public bool IsRefused(SessionStamp stamp) => _refused.Contains((stamp.Client, stamp.Request));

    public void Reset(IEnumerable<LogEntry> entries)
    {
        _maps.RemoveRange(1, _maps.Count - 1);
        _results.Clear();
        _carriedOut.Clear();
        _refused.Clear();
        _sessions.Clear();
        foreach (var entry in entries)
            Apply(entry);
    }

    public void Apply(LogEntry entry)
    {
        var map = _maps[^1];
        if (entry.Session is not { } stamp)
        {
            _results.TryAdd(entry.Command, (Carry(entry, ref map), entry.Sequence));
        }
        else if (MustRefuse(stamp))
        {
            _refused.Add((stamp.Client, stamp.Request));
            _results.TryAdd(entry.Command, (CommandResult.SessionExpired.Instance, entry.Sequence));
        }
        else if (!IsAnswered(stamp))
        {
            if (!_carriedOut.TryAdd((stamp.Client, stamp.Request), entry.Sequence))
                throw new Violation("exactly once", $"request {stamp.Request} of {stamp.Client} is carried out again");
            Use(stamp, entry.Position);
            _results.TryAdd(entry.Command, (Carry(entry, ref map), entry.Sequence));
        }

        _maps.Add(map);
    }

    private bool MustRefuse(SessionStamp stamp) =>
        Remembered(stamp.Client) is { } session
            ? stamp.Request < session.CompletedBelow || (stamp.Since < session.Floor && !IsAnswered(stamp))
            : stamp.Since < OldestRemembered;

    /// <summary>Whether the session that is remembered now holds its answer.</summary>
    private bool IsAnswered(SessionStamp stamp) =>
        Remembered(stamp.Client) is { } session
        && _carriedOut.TryGetValue((stamp.Client, stamp.Request), out var at)
        && at >= session.Since;

    private void Use(SessionStamp stamp, Position at)
    {
        var session = Remembered(stamp.Client) ?? new Session(at.Sequence, OldestRemembered, 0, at);
        var below = Math.Max(session.CompletedBelow, stamp.CompletedBelow);
        _sessions[stamp.Client] = session with { CompletedBelow = below, LastUsed = at };
    }

    /// <summary>Those that were used last are remembered.</summary>
    private Session? Remembered(string client) =>
        _sessions.TryGetValue(client, out var session)
        && _sessions.Values.Count(s => s.LastUsed > session.LastUsed) < sessionCapacity
            ? session
            : null;

    /// <summary>When the oldest session that is remembered was last used; zero while nobody had to be forgotten.</summary>
    private Position OldestRemembered =>
        _sessions.Count < sessionCapacity
            ? Position.Zero
            : _sessions.Values.Select(s => s.LastUsed).OrderDescending().ElementAt(sessionCapacity - 1);

    private static CommandResult Carry(LogEntry entry, ref ImmutableDictionary<string, StoredValue> map)
    {
        switch (entry.Command)
        {
            case Command.Put put:
                var known = map.TryGetValue(put.Key, out var before);
                if (put.IfVersion is { } wanted && wanted != (known ? before.Version : 0))
                    return new CommandResult.VersionMismatch(known ? before.Version : 0);
                map = map.SetItem(put.Key, new StoredValue(put.Value, entry.Sequence));
                return new CommandResult.Stored(entry.Sequence, !known);
            case Command.Delete delete:
                if (!map.TryGetValue(delete.Key, out var old))
                    return CommandResult.NotFound.Instance;
                if (delete.IfVersion is { } version && version != old.Version)
                    return new CommandResult.VersionMismatch(old.Version);
                map = map.Remove(delete.Key);
                return CommandResult.Deleted.Instance;
            case Command.Update update:
                foreach (var (key, value) in update.Entries)
                    map = map.SetItem(key, new StoredValue(value, entry.Sequence));
                return new CommandResult.Updated(entry.Sequence, update.Entries.Length);
            default:
                return CommandResult.None.Instance;
        }
    }
}
