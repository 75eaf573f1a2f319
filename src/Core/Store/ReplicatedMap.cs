using System.Collections.Immutable;
using System.Diagnostics;

namespace Failover.Core.Store;

/// <summary>A value with the sequence of the entry that wrote it: a deleted and re-created key never repeats a version.</summary>
/// <param name="Json">The value as JSON text.</param>
/// <param name="Version">The writing entry's log sequence; larger is later.</param>
public readonly record struct StoredValue(string Json, long Version);

/// <summary>The replicated dictionary: what the committed entries of one partition add up to.</summary>
/// <remarks>
/// Persistent inside, so that a snapshot costs nothing and never changes under its reader. One owner applies;
/// a snapshot may be read by anyone.
/// </remarks>
public sealed class ReplicatedMap
{
    private readonly ImmutableDictionary<string, StoredValue>.Builder _entries;

    public ReplicatedMap()
        : this(Empty) { }

    public ReplicatedMap(ImmutableDictionary<string, StoredValue> entries) =>
        (_entries, Bytes) = (
            entries.WithComparers(StringComparer.Ordinal).ToBuilder(),
            entries.Sum(e => SizeOf(e.Key, e.Value.Json))
        );

    public static ImmutableDictionary<string, StoredValue> Empty { get; } =
        ImmutableDictionary.Create<string, StoredValue>(StringComparer.Ordinal);

    public int Count => _entries.Count;

    /// <summary>Characters of all keys and values, for those who watch memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>The map as it is now; later commands do not show in it.</summary>
    public ImmutableDictionary<string, StoredValue> Snapshot() => _entries.ToImmutable();

    public StoredValue? Find(string key) => _entries.TryGetValue(key, out var value) ? value : null;

    /// <param name="command">What to do.</param>
    /// <param name="sequence">The entry's sequence: the version of whatever it writes.</param>
    public CommandResult Apply(Command command, long sequence)
    {
        switch (command)
        {
            case Command.Barrier:
                return CommandResult.None.Instance;
            case Command.Put put:
                return Put(put, sequence);
            case Command.Delete delete:
                return Delete(delete);
            case Command.Update update:
                foreach (var (key, value) in update.Entries)
                    Set(key, value, sequence, Find(key));
                return new CommandResult.Updated(sequence, update.Entries.Length);
            default:
                throw new UnreachableException($"Unhandled command: {command}");
        }
    }

    private CommandResult Put(Command.Put put, long sequence)
    {
        var current = Find(put.Key);
        if (put.IfVersion is { } expected && expected != (current?.Version ?? 0))
            return new CommandResult.VersionMismatch(current?.Version ?? 0);
        Set(put.Key, put.Value, sequence, current);
        return new CommandResult.Stored(sequence, Created: current is null);
    }

    private CommandResult Delete(Command.Delete delete)
    {
        if (!_entries.TryGetValue(delete.Key, out var current))
            return CommandResult.NotFound.Instance;
        if (delete.IfVersion is { } expected && expected != current.Version)
            return new CommandResult.VersionMismatch(current.Version);
        _entries.Remove(delete.Key);
        Bytes -= SizeOf(delete.Key, current.Json);
        return CommandResult.Deleted.Instance;
    }

    /// <param name="current">What the key holds now; looked up once, since a restart may apply a million entries.</param>
    private void Set(string key, string json, long sequence, StoredValue? current)
    {
        Bytes += current is { } before ? json.Length - before.Json.Length : SizeOf(key, json);
        _entries[key] = new StoredValue(json, sequence);
    }

    private static long SizeOf(string key, string json) => key.Length + json.Length;
}
