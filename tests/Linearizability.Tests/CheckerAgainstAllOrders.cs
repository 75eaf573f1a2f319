namespace Failover.Linearizability.Tests;

/// <summary>Small random histories, judged once by the checker and once by trying every order there is.</summary>
public sealed class CheckerAgainstAllOrders
{
    private const int Histories = 20_000;

    [Fact]
    public void Both_come_to_the_same_judgement()
    {
        var random = new Random(20261120);
        var linearizable = 0;
        for (var i = 0; i < Histories; i++)
        {
            var history = RandomHistory(random);
            var expected = SomeOrderExplains([.. history], value: null);
            if (Checker.IsLinearizable(history) != expected)
                Assert.Fail($"should be {expected}:\n{string.Join("\n", history)}");
            linearizable += expected ? 1 : 0;
        }

        // Otherwise the comparison would say little.
        Assert.InRange(linearizable, Histories / 10, Histories * 9 / 10);
    }

    private static List<Operation> RandomHistory(Random random)
    {
        var values = new[] { null, "a", "b", "c" };
        string? Any() => values[random.Next(values.Length)];
        List<Operation> history = [];
        var count = random.Next(1, 7);
        for (var i = 0; i < count; i++)
        {
            var kind = (OperationKind)random.Next(5);
            long from = random.Next(20);
            long? to = random.Next(4) == 0 ? null : from + random.Next(12);
            var operation = new Operation(i, kind, "k", from, to) { Succeeded = random.Next(3) != 0 };
            history.Add(
                kind switch
                {
                    OperationKind.Read => operation with { Found = Any() },
                    OperationKind.Write => operation with { Value = Any() ?? "d" },
                    OperationKind.CompareAndSet => operation with { Value = Any() ?? "d", Expected = Any() },
                    OperationKind.CompareAndDelete => operation with { Expected = Any() },
                    _ => operation,
                }
            );
        }

        return history;
    }

    private static bool SomeOrderExplains(List<Operation> open, string? value)
    {
        if (open.TrueForAll(o => o.ReturnedAt is null))
            return true;
        foreach (var next in open)
        {
            if (open.Exists(o => o.ReturnedAt < next.InvokedAt) || After(next, value) is not { } after)
                continue;
            if (SomeOrderExplains([.. open.Where(o => o != next)], after.Value))
                return true;
        }

        return false;
    }

    /// <summary>What the map holds after the operation; null if it cannot have been told what it was told.</summary>
    private static (string? Value, bool _)? After(Operation operation, string? value)
    {
        var (after, succeeds) = operation.Kind switch
        {
            OperationKind.Read => (value, operation.Found == value),
            OperationKind.Write => (operation.Value, true),
            OperationKind.CompareAndSet when operation.Expected == value => (operation.Value, true),
            OperationKind.CompareAndSet => (value, false),
            OperationKind.Delete => (null, value is not null),
            _ when value is not null && operation.Expected == value => (null, true),
            _ => (value, false),
        };
        var told = operation.Kind switch
        {
            OperationKind.Read => true,
            OperationKind.Write => succeeds,
            _ => operation.Succeeded,
        };
        return operation.ReturnedAt is null || told == succeeds ? (after, true) : null;
    }
}
