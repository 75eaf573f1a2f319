using System.Collections.Immutable;

namespace Akka.Embedded.Internals.Tests.Cluster.Campaign;

/// <summary>Something that is done to a simulated cluster. Nodes are named by their index.</summary>
internal abstract record Fault
{
    private Fault() { }

    public sealed record Kill(int Node) : Fault;

    public sealed record Start(int Node) : Fault;

    public sealed record Leave(int Node) : Fault;

    /// <summary>A node leaves, and what it says while it exits is lost.</summary>
    public sealed record LeaveUnheard(int Node) : Fault;

    public sealed record Down(int By, int Node) : Fault;

    /// <summary>Every link between nodes of different groups is cut, both ways, and no other.</summary>
    public sealed record Split(ImmutableArray<int> GroupOf) : Fault
    {
        public override string ToString() => $"Split {{ {string.Join("", GroupOf)} }}";
    }

    public sealed record CutLink(int A, int B) : Fault;

    public sealed record CutOneWay(int From, int To) : Fault;

    /// <summary>Nobody of the first group is heard in the second any more, but the other way round they are.</summary>
    public sealed record CutSideOneWay(ImmutableArray<int> GroupOf) : Fault
    {
        public override string ToString() => $"CutSideOneWay {{ {string.Join("", GroupOf)} }}";
    }

    public sealed record Weather(double Loss, double Duplication, double LateShare, TimeSpan Lateness) : Fault;

    public sealed record Heal : Fault;
}
