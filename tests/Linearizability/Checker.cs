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

    /// <summary>For each place the first unanswered operation from there on.</summary>
    private static int[] UnansweredFrom(Operation[] operations)
    {
        var from = new int[operations.Length];
        var next = operations.Length;
        for (var i = operations.Length - 1; i >= 0; i--)
            from[i] = next = operations[i].ReturnedAt is null ? i : next;
        return from;
    }

    /// <summary>Depth first, without recursion: a history of a real run may have a hundred thousand operations.</summary>
    private sealed class Search(Operation[] operations)
    {
        private readonly int[] _twins = Twins(operations);
        private readonly HashSet<(Done, string?)> _seen = [];
        private readonly int[] _unansweredFrom = UnansweredFrom(operations);
        private readonly bool[] _done = new bool[operations.Length];
        private readonly Stack<(int Operation, string? Before)> _order = new();

        /// <summary>The unanswered operations that took effect, in the order of their places.</summary>
        private readonly SortedSet<int> _unanswered = [];

        /// <summary>All answered operations before this one are done, this one is not.</summary>
        private int _first;

        public bool Succeeds()
        {
            _first = NextOpen(0);
            string? value = null;
            var next = 0;
            while (_first < operations.Length)
            {
                if (TryFindNext(next, value, out var chosen, out var after))
                {
                    _order.Push((chosen, value));
                    value = after;
                    next = 0;
                    continue;
                }

                if (!_order.TryPop(out var last))
                    return false;
                Undo(last.Operation);
                value = last.Before;
                next = last.Operation + 1;
            }

            return true;
        }

        /// <summary>The next operation, from <paramref name="from"/> on, that may come first among those not done.</summary>
        private bool TryFindNext(int from, string? value, out int chosen, out string? after)
        {
            var horizon = FirstReturn();
            for (
                chosen = Candidate(from);
                chosen < operations.Length && operations[chosen].InvokedAt <= horizon;
                chosen = Candidate(chosen + 1)
            )
            {
                if (_done[chosen] || (_twins[chosen] is >= 0 and var twin && !_done[twin]))
                    continue;
                if (!TryApply(operations[chosen], value, out after))
                    continue;
                // An unanswered one that changes nothing explains nothing.
                if (operations[chosen].ReturnedAt is null && after == value)
                    continue;
                Do(chosen);
                if (_seen.Add((WhatIsDone(), after)))
                    return true;
                Undo(chosen);
            }

            after = null;
            return false;
        }

        /// <summary>Only unanswered operations can be open before the first open answered one.</summary>
        private int Candidate(int from) => from >= _first ? from : Math.Min(_first, _unansweredFrom[from]);

        /// <summary>Whoever was asked for later than this cannot come first: somebody was answered before.</summary>
        private long FirstReturn()
        {
            var first = long.MaxValue;
            for (var i = _first; i < operations.Length && operations[i].InvokedAt <= first; i++)
            {
                if (!_done[i] && operations[i].ReturnedAt is { } at && at < first)
                    first = at;
            }

            return first;
        }

        private void Do(int operation)
        {
            _done[operation] = true;
            if (operations[operation].ReturnedAt is null)
                _unanswered.Add(operation);
            else if (operation == _first)
                _first = NextOpen(operation);
        }

        private void Undo(int operation)
        {
            _done[operation] = false;
            if (operations[operation].ReturnedAt is null)
                _unanswered.Remove(operation);
            else if (operation < _first)
                _first = operation;
        }

        private int NextOpen(int from)
        {
            while (from < operations.Length && (_done[from] || operations[from].ReturnedAt is null))
                from++;
            return from;
        }

        /// <summary>Few operations are under way at once, so few are done out of turn.</summary>
        private Done WhatIsDone()
        {
            List<int> outOfTurn = [.. _unanswered];
            var horizon = FirstReturn();
            for (var i = _first; i < operations.Length && operations[i].InvokedAt <= horizon; i++)
            {
                if (_done[i] && operations[i].ReturnedAt is not null)
                    outOfTurn.Add(i);
            }

            return new Done(_first, [.. outOfTurn]);
        }
    }

    /// <summary>A set of operations, compared by content: all answered ones before the first open one, and some others.</summary>
    private readonly struct Done(int first, int[] outOfTurn) : IEquatable<Done>
    {
        private readonly int _first = first;
        private readonly int[] _outOfTurn = outOfTurn;

        public bool Equals(Done other) => _first == other._first && _outOfTurn.AsSpan().SequenceEqual(other._outOfTurn);

        public override bool Equals(object? obj) => obj is Done other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_first);
            foreach (var operation in _outOfTurn)
                hash.Add(operation);
            return hash.ToHashCode();
        }
    }
}
