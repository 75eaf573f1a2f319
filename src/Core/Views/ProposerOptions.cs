namespace Failover.Core.Views;

public sealed record ProposerOptions
{
    public required NodeId Self { get; init; }

    /// <summary>This process's run: it makes the ballots unique.</summary>
    public required Incarnation Incarnation { get; init; }

    /// <summary>Whom to ask until a committed state says otherwise.</summary>
    public required Electorate Electorate { get; init; }

    /// <summary>The formation that this node is known to belong to; null if it has never been part of one.</summary>
    public FormationId? Formation { get; init; }

    /// <summary>How long to wait for a majority before the round is tried again with a higher ballot.</summary>
    /// <value>Default 100 ms.</value>
    public TimeSpan RoundTimeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to ask again while a lease stands in the way: a voter may get proof meanwhile that its holder is gone.</summary>
    /// <value>Default 10 ms.</value>
    public TimeSpan RecheckEvery { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The shortest pause after another proposer won; grows with each lost round, differently on each node.</summary>
    /// <value>Default 4 ms.</value>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMilliseconds(4);
}
