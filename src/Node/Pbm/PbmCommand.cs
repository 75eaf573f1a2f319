using System.Collections.Immutable;

namespace Failover.Node.Pbm;

/// <summary>One command of a palette, as it is offered to clients and as it is carried out.</summary>
/// <param name="Parameters">How to write them, such as <c>[-d DEPTH]</c>; empty when there are none.</param>
/// <param name="Run">Gives the lines of the answer.</param>
/// <exception cref="PbmRefusal">Thrown by <paramref name="Run"/>, or while its lines are read: why there is no answer.</exception>
internal sealed record PbmCommand(
    string Palette,
    string Name,
    string Parameters,
    string Description,
    Func<ImmutableArray<string>, CancellationToken, IAsyncEnumerable<string>> Run
)
{
    /// <summary>Whether it goes on until the client wants something else.</summary>
    public bool IsLive { get; init; }

    /// <summary>Whether it changes something, so that the node's log should say who asked.</summary>
    public bool Changes { get; init; }
}

/// <summary>What was asked cannot be done. The message is one line for the one who asked.</summary>
internal sealed class PbmRefusal(string message) : Exception(message);
