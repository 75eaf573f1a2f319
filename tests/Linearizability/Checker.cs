namespace Failover.Linearizability;

/// <summary>
/// Decides whether some order of the operations explains what every client was told, such that nothing takes effect
/// before it was asked for or after it was answered (Wing and Gong 1993, with Lowe's memoisation of 2017).
/// </summary>
/// <remarks>Keys are independent, so each is checked by itself. Pure; safe to call from anywhere.</remarks>
public static class Checker
{
    /// <returns>A key whose operations no order explains; null if the history is linearizable.</returns>
    public static string? FindViolation(IEnumerable<Operation> history)
    {
        foreach (var key in history.GroupBy(o => o.Key, StringComparer.Ordinal))
        {
            if (!IsLinearizable([.. key]))
                return key.Key;
        }

        return null;
    }

    /// <summary>Whether the operations on one key are linearizable, starting from an absent value.</summary>
    public static bool IsLinearizable(IReadOnlyList<Operation> operations)
    {
        // An unanswered read tells nothing and changes nothing.
        var search = new Search([
            .. operations
                .Where(o => o.ReturnedAt is not null || o.Kind != OperationKind.Read)
                .OrderBy(o => o.InvokedAt),
        ]);
        return search.Succeeds();
    }

    /// <summary>The value after the operation takes effect on <paramref name="value"/>; false if it cannot have done so.</summary>
    private static bool TryApply(Operation operation, string? value, out string? next)
    {
        next = value;
        var known = operation.ReturnedAt is not null;
        switch (operation.Kind)
        {
            case OperationKind.Read:
                return operation.Found == value;
            case OperationKind.Write:
                next = operation.Value;
                return true;
            case OperationKind.CompareAndSet:
                if (operation.Expected == value)
                    next = operation.Value;
                return !known || operation.Succeeded == (operation.Expected == value);
            case OperationKind.Delete:
                next = null;
                return !known || operation.Succeeded == value is not null;
            case OperationKind.CompareAndDelete:
                if (operation.Expected == value)
                    next = null;
                return !known || operation.Succeeded == (value is not null && operation.Expected == value);
            default:
                throw new System.Diagnostics.UnreachableException($"Unhandled operation: {operation}");
        }
    }

    /// <summary>
    /// For each operation the one before it that does the same: unanswered, with the same effect on everything that
    /// anybody saw. Whichever of them an order needs may as well be the earliest, so the others wait for it; otherwise
    /// every subset of them would have to be tried.
    /// </summary>
    private static int[] Twins(Operation[] operations)
    {
        var seen = operations.SelectMany(o => new[] { o.Found, o.Expected }).OfType<string>().ToHashSet();
        Dictionary<(OperationKind, string?, string?), int> last = [];
        var twins = new int[operations.Length];
        for (var i = 0; i < operations.Length; i++)
        {
            var operation = operations[i];
            twins[i] = -1;
            if (operation.ReturnedAt is not null)
                continue;
            var value = operation.Value is { } written && seen.Contains(written) ? written : "";
            var kind = (operation.Kind, operation.Expected, value);
            if (operation.Kind is OperationKind.Write or OperationKind.Delete)
                kind.Expected = null;
            twins[i] = last.GetValueOrDefault(kind, -1);
            last[kind] = i;
        }

        return twins;
    }

    private sealed class Search(Operation[] operations)
    {
        private readonly int[] _twins = Twins(operations);
        private readonly HashSet<(Done, string?)> _seen = [];
        private readonly ulong[] _done = new ulong[(operations.Length / 64) + 1];
        private readonly Stack<(int Operation, string? Before)> _order = new();

        public bool Succeeds()
        {
            string? value = null;
            var next = 0;
            var open = operations.Count(o => o.ReturnedAt is not null);
            while (open > 0)
            {
                if (TryFindNext(next, value, out var chosen, out var after))
                {
                    _order.Push((chosen, value));
                    value = after;
                    if (operations[chosen].ReturnedAt is not null)
                        open--;
                    next = 0;
                    continue;
                }

                if (!_order.TryPop(out var last))
                    return false;
                Mark(last.Operation, done: false);
                if (operations[last.Operation].ReturnedAt is not null)
                    open++;
                value = last.Before;
                next = last.Operation + 1;
            }

            return true;
        }

        /// <summary>The next operation, from <paramref name="from"/> on, that may come first among those not done.</summary>
        private bool TryFindNext(int from, string? value, out int chosen, out string? after)
        {
            var horizon = FirstReturn();
            for (chosen = from; chosen < operations.Length && operations[chosen].InvokedAt <= horizon; chosen++)
            {
                if (IsDone(chosen) || (_twins[chosen] is >= 0 and var twin && !IsDone(twin)))
                    continue;
                if (!TryApply(operations[chosen], value, out after))
                    continue;
                // An unanswered one that changes nothing explains nothing.
                if (operations[chosen].ReturnedAt is null && after == value)
                    continue;
                Mark(chosen, done: true);
                if (_seen.Add((new Done([.. _done]), after)))
                    return true;
                Mark(chosen, done: false);
            }

            after = null;
            return false;
        }

        /// <summary>Whoever was asked for later than this cannot come first: somebody was answered before.</summary>
        private long FirstReturn()
        {
            var first = long.MaxValue;
            for (var i = 0; i < operations.Length; i++)
            {
                if (!IsDone(i) && operations[i].ReturnedAt is { } at && at < first)
                    first = at;
            }

            return first;
        }

        private bool IsDone(int operation) => (_done[operation / 64] & (1UL << (operation % 64))) != 0;

        private void Mark(int operation, bool done)
        {
            if (done)
                _done[operation / 64] |= 1UL << (operation % 64);
            else
                _done[operation / 64] &= ~(1UL << (operation % 64));
        }
    }

    /// <summary>A set of operations, compared by content.</summary>
    private readonly struct Done(ulong[] bits) : IEquatable<Done>
    {
        private readonly ulong[] _bits = bits;

        public bool Equals(Done other) => _bits.AsSpan().SequenceEqual(other._bits);

        public override bool Equals(object? obj) => obj is Done other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var word in _bits)
                hash.Add(word);
            return hash.ToHashCode();
        }
    }
}
