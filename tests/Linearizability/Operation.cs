namespace Failover.Linearizability;

public enum OperationKind
{
    Read,
    Write,

    /// <summary>Writes if the key holds <see cref="Operation.Expected"/> (null: if it is absent).</summary>
    CompareAndSet,
    Delete,

    /// <summary>Deletes if the key holds <see cref="Operation.Expected"/>.</summary>
    CompareAndDelete,
}

/// <summary>What a client did to one key and what it was told. Written values are unique within a history.</summary>
/// <param name="InvokedAt">When it was asked for, on any clock that all clients share.</param>
/// <param name="ReturnedAt">When it was answered; null if it never was: it may have happened at any time since, or not at all.</param>
public sealed record Operation(long Id, OperationKind Kind, string Key, long InvokedAt, long? ReturnedAt)
{
    /// <summary>What it would write.</summary>
    public string? Value { get; init; }

    /// <summary>What a conditional one asks to find; null: nothing.</summary>
    public string? Expected { get; init; }

    /// <summary>What a read found; null: nothing.</summary>
    public string? Found { get; init; }

    /// <summary>Whether a conditional operation, or a delete, took effect.</summary>
    public bool Succeeded { get; init; } = true;
}
