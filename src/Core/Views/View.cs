using System.Collections.Immutable;

namespace Failover.Core.Views;

/// <summary>Who leads one partition in one epoch, and which replicas hold everything it has acknowledged.</summary>
/// <param name="Epoch">Grows by one with every change of primary; changes of the in-sync set keep it.</param>
/// <param name="Primary">The one replica that may acknowledge in this epoch.</param>
/// <param name="InSync">Ordered by node; always contains the primary.</param>
public sealed record View(Epoch Epoch, ReplicaId Primary, ImmutableArray<ReplicaId> InSync)
{
    public bool Contains(ReplicaId replica) => InSync.Contains(replica);

    /// <summary>The in-sync replica that lives on <paramref name="node"/>, if any.</summary>
    public ReplicaId? On(NodeId node)
    {
        foreach (var replica in InSync)
        {
            if (replica.Node == node)
                return replica;
        }

        return null;
    }

    internal View With(ReplicaId replica) =>
        this with
        {
            // A node has one replica of a partition: its newer data takes the older one's place.
            InSync = [.. InSync.Where(r => r.Node != replica.Node).Append(replica).OrderBy(r => r.Node)],
        };

    internal View Without(ReplicaId replica) => this with { InSync = InSync.Remove(replica) };

    public bool Equals(View? other) =>
        other is not null
        && Epoch == other.Epoch
        && Primary == other.Primary
        && InSync.AsSpan().SequenceEqual(other.InSync.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Epoch, Primary, InSync.Length);

    public override string ToString() => $"epoch {Epoch}: {Primary} with [{string.Join(", ", InSync)}]";
}
