using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Core.Store;

namespace Failover.Simulation.Checks;

/// <summary>The simplest thing that applies a log: no sessions dropped, no snapshots, every version of the map kept.</summary>
internal sealed class Reference
{
    private readonly List<ImmutableDictionary<string, StoredValue>> _maps =
    [
        ImmutableDictionary<string, StoredValue>.Empty,
    ];
    private readonly Dictionary<Command, (CommandResult Result, long Sequence)> _results = new(
        ReferenceEqualityComparer.Instance
    );
    private readonly Dictionary<(string Client, long Request), CommandResult> _sessions = [];
    private readonly Dictionary<string, long> _completedBelow = [];

    public ImmutableDictionary<string, StoredValue> At(long sequence) => _maps[(int)sequence];

    /// <summary>What a command gave when it was first applied.</summary>
    public (CommandResult Result, long Sequence)? Find(Command command) =>
        _results.TryGetValue(command, out var found) ? found : null;

    public bool HasMovedPast(SessionStamp stamp) => stamp.Request < _completedBelow.GetValueOrDefault(stamp.Client);

    public void Reset(IEnumerable<LogEntry> entries)
    {
        _maps.RemoveRange(1, _maps.Count - 1);
        _results.Clear();
        _sessions.Clear();
        _completedBelow.Clear();
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
        else if (!_sessions.ContainsKey((stamp.Client, stamp.Request)))
        {
            CommandResult result;
            if (stamp.Request < _completedBelow.GetValueOrDefault(stamp.Client))
            {
                result = CommandResult.SessionExpired.Instance;
            }
            else
            {
                result = Carry(entry, ref map);
                _sessions.Add((stamp.Client, stamp.Request), result);
                var below = Math.Max(_completedBelow.GetValueOrDefault(stamp.Client), stamp.CompletedBelow);
                _completedBelow[stamp.Client] = below;
            }

            _results.TryAdd(entry.Command, (result, entry.Sequence));
        }

        _maps.Add(map);
    }

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
