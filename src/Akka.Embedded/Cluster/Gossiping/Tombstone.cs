namespace Akka.Cluster.Gossiping;

/// <summary>Remembers that an incarnation is gone for good, so that no late gossip brings it back.</summary>
/// <param name="UnixSeconds">When it was removed, by the remover's clock; only used to forget it a day later.</param>
/// <param name="Previous">How it stood when it was removed: Exiting, Down, or anything else when its own restart replaced it.</param>
internal readonly record struct Tombstone(long UnixSeconds, MemberStatus Previous)
{
    public static Tombstone Merge(Tombstone a, Tombstone b) =>
        new(Math.Min(a.UnixSeconds, b.UnixSeconds), a.Previous.Rank >= b.Previous.Rank ? a.Previous : b.Previous);
}
