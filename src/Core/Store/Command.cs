using System.Collections.Immutable;

namespace Failover.Core.Store;

/// <summary>What a log entry does to the replicated map. Applying it is deterministic: same map, same entry, same result.</summary>
public abstract record Command
{
    private Command() { }

    /// <summary>Bytes this command adds to a batch, roughly: what batch and snapshot limits count.</summary>
    public abstract int Size { get; }

    /// <summary>Changes nothing. A new primary's first entry: once it is committed, everything before it is.</summary>
    public sealed record Barrier : Command
    {
        public static readonly Barrier Instance = new();

        public override int Size => 0;
    }

    /// <summary>Sets one key.</summary>
    /// <param name="Key">The key, compared ordinally.</param>
    /// <param name="Value">The value as JSON text.</param>
    /// <param name="IfVersion">Only if the key's version is this; 0: only if the key is absent; null: always.</param>
    public sealed record Put(string Key, string Value, long? IfVersion = null) : Command
    {
        public override int Size => Key.Length + Value.Length + 16;
    }

    /// <summary>Removes one key.</summary>
    /// <param name="Key">The key, compared ordinally.</param>
    /// <param name="IfVersion">Only if the key's version is this; null: always.</param>
    public sealed record Delete(string Key, long? IfVersion = null) : Command
    {
        public override int Size => Key.Length + 16;
    }

    /// <summary>Sets all entries at once: every replica sees all of them or none.</summary>
    public sealed record Update(ImmutableArray<KeyValuePair<string, string>> Entries) : Command
    {
        public override int Size { get; } = Entries.Sum(e => e.Key.Length + e.Value.Length + 16);

        public bool Equals(Update? other) =>
            other is not null && Entries.AsSpan().SequenceEqual(other.Entries.AsSpan());

        public override int GetHashCode() => Entries.Length;
    }
}

/// <summary>What a command did. Kept with the client's session, so that a retry gets the first answer again.</summary>
public abstract record CommandResult
{
    private CommandResult() { }

    /// <summary>A barrier was applied.</summary>
    public sealed record None : CommandResult
    {
        public static readonly None Instance = new();
    }

    /// <param name="Version">The key's new version.</param>
    /// <param name="Created">Whether the key was absent before.</param>
    public sealed record Stored(long Version, bool Created) : CommandResult;

    /// <param name="Version">The version of the update: every key in it has this one now.</param>
    /// <param name="Count">How many entries were set.</param>
    public sealed record Updated(long Version, int Count) : CommandResult;

    public sealed record Deleted : CommandResult
    {
        public static readonly Deleted Instance = new();
    }

    public sealed record NotFound : CommandResult
    {
        public static readonly NotFound Instance = new();
    }

    /// <param name="Actual">The key's version now; 0 when it is absent.</param>
    public sealed record VersionMismatch(long Actual) : CommandResult;

    /// <summary>
    /// The client's session has moved past this request, or is forgotten: it was not carried out now, and whether it was
    /// before is no longer known.
    /// </summary>
    public sealed record SessionExpired : CommandResult
    {
        public static readonly SessionExpired Instance = new();
    }
}
