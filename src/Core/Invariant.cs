using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Failover.Core;

/// <summary>Conditions that only a bug can break. They stay on in release builds: a node stops serving rather than guess.</summary>
public static class Invariant
{
    /// <exception cref="InvariantViolatedException">The condition is false.</exception>
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string? what = null
    )
    {
        if (!condition)
            throw new InvariantViolatedException(what ?? "unnamed");
    }
}

/// <summary>The impossible happened. Whoever drives the state machine must stop serving from it.</summary>
public sealed class InvariantViolatedException(string what) : Exception($"Invariant violated: {what}");
