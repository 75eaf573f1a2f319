using Failover.Linearizability;

namespace Failover.Linearizability.Tests;

/// <summary>Histories made by hand, good and bad.</summary>
public sealed class CheckerTests
{
    private readonly List<Operation> _history = [];

    [Fact]
    public void Nothing_asked_is_linearizable() => Assert.True(IsLinearizable);

    [Fact]
    public void A_read_sees_the_write_before_it()
    {
        Writes("a", 0, 1);
        Reads("a", 2, 3);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void A_read_that_misses_an_earlier_write_is_stale()
    {
        Writes("a", 0, 1);
        Reads(null, 2, 3);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void A_read_during_a_write_may_see_it_or_not()
    {
        Writes("a", 0, 10);
        Reads(null, 1, 2);
        Reads("a", 3, 4);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void What_was_once_seen_cannot_be_unseen()
    {
        Writes("a", 0, 10);
        Reads("a", 1, 2);
        Reads(null, 3, 4);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void Two_readers_cannot_see_two_writes_in_opposite_orders()
    {
        Writes("a", 0, 10);
        Writes("b", 0, 10);
        Reads("a", 11, 12);
        Reads("b", 13, 14);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_write_may_have_happened()
    {
        Writes("a", 0, 1);
        Writes("b", 2, null);
        Reads("a", 3, 4);
        Reads("b", 5, 6);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_write_need_not_have_happened()
    {
        Writes("a", 0, 1);
        Writes("b", 2, null);
        Reads("a", 100, 101);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_write_happens_once_at_most()
    {
        Writes("a", 0, 1);
        Writes("b", 2, null);
        Reads("b", 3, 4);
        Writes("c", 5, 6);
        Reads("b", 7, 8);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_write_does_not_happen_before_it_was_asked_for()
    {
        Reads("b", 0, 1);
        Writes("b", 2, null);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_write_may_happen_long_after_it_was_asked_for()
    {
        Writes("a", 0, null);
        Writes("b", 10, 11);
        Reads("b", 12, 13);
        Writes("c", 14, 15);
        Reads("a", 16, 17);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void But_not_again_after_that()
    {
        Writes("a", 0, null);
        Writes("b", 10, 11);
        Reads("a", 12, 13);
        Writes("c", 14, 15);
        Reads("a", 16, 17);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_read_tells_nothing()
    {
        Writes("a", 0, 1);
        Reads("never written", 2, null);
        Reads("a", 3, 4);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void Nobody_reads_what_nobody_wrote()
    {
        Writes("a", 0, 1);
        Reads("b", 2, 3);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void Only_one_of_two_writers_finds_the_key_absent()
    {
        Sets("a", ifHolds: null, succeeded: true, 0, 10);
        Sets("b", ifHolds: null, succeeded: true, 0, 10);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void A_conditional_write_fails_only_if_the_key_held_something_else()
    {
        Writes("a", 0, 1);
        Sets("b", ifHolds: "a", succeeded: false, 2, 3);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_conditional_write_explains_a_later_read_only_if_its_condition_held()
    {
        Writes("a", 0, 1);
        Sets("b", ifHolds: "x", succeeded: true, 2, null);
        Reads("b", 3, 4);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void A_conditional_write_that_succeeded_is_seen()
    {
        Writes("a", 0, 1);
        Sets("b", ifHolds: "a", succeeded: true, 2, 3);
        Reads("a", 4, 5);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void Only_one_of_two_conditional_writes_upon_the_same_value_succeeds()
    {
        Writes("a", 0, 1);
        Sets("b", ifHolds: "a", succeeded: true, 2, 10);
        Sets("c", ifHolds: "a", succeeded: false, 2, 10);
        Reads("b", 11, 12);
        Assert.True(IsLinearizable);

        Sets("d", ifHolds: "a", succeeded: true, 3, 9);
        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_conditional_write_may_happen_late_when_its_condition_comes_true()
    {
        Sets("b", ifHolds: "a", succeeded: true, 0, null);
        Writes("a", 10, 11);
        Reads("a", 12, 13);
        Reads("b", 14, 15);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_conditional_write_need_never_happen()
    {
        Writes("a", 0, 1);
        Sets("b", ifHolds: "a", succeeded: true, 2, null);
        Reads("a", 3, 4);
        Sets("c", ifHolds: "a", succeeded: true, 5, 6);
        Reads("c", 7, 8);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void A_deleted_key_is_absent()
    {
        Writes("a", 0, 1);
        Deletes(found: true, 2, 3);
        Reads(null, 4, 5);
        Deletes(found: false, 6, 7);

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void A_delete_that_found_nothing_right_after_a_write_is_wrong()
    {
        Writes("a", 0, 1);
        Deletes(found: false, 2, 3);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void A_deleted_value_does_not_come_back()
    {
        Writes("a", 0, 1);
        Deletes(found: true, 2, 3);
        Reads("a", 4, 5);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void Two_deletes_cannot_both_find_the_one_value()
    {
        Writes("a", 0, 1);
        Deletes(found: true, 2, 10);
        Deletes(found: true, 2, 10);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_delete_may_happen_late_or_never()
    {
        Writes("a", 0, 1);
        Deletes(found: true, 2, null);
        Reads("a", 3, 4);
        Assert.True(IsLinearizable);

        Reads(null, 5, 6);
        Assert.True(IsLinearizable);

        Reads("a", 7, 8);
        Assert.False(IsLinearizable);
    }

    [Fact]
    public void A_conditional_delete_removes_only_what_it_asked_for()
    {
        Writes("a", 0, 1);
        DeletesIf("b", succeeded: false, 2, 3);
        Reads("a", 4, 5);
        DeletesIf("a", succeeded: true, 6, 7);
        Reads(null, 8, 9);
        Assert.True(IsLinearizable);

        DeletesIf("a", succeeded: true, 10, 11);
        Assert.False(IsLinearizable);
    }

    [Fact]
    public void An_unanswered_conditional_delete_spares_another_value()
    {
        Writes("a", 0, 1);
        DeletesIf("b", succeeded: true, 2, null);
        Reads(null, 3, 4);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void The_key_that_no_order_explains_is_named()
    {
        Writes("a", 0, 1);
        Writes("b", 0, 1, key: "other");
        Reads(null, 2, 3, key: "other");

        Assert.Equal("other", Checker.FindViolation(_history));
    }

    [Fact]
    public void Many_unanswered_writes_do_not_make_the_search_endless()
    {
        for (var i = 0; i < 40; i++)
            Writes($"lost{i}", i, null);
        for (var i = 0; i < 200; i++)
        {
            Writes($"v{i}", 100 + (2 * i), 101 + (2 * i));
            Reads($"v{i}", 101 + (2 * i), 102 + (2 * i));
        }

        Assert.True(IsLinearizable);
    }

    [Fact]
    public void Nor_do_they_hide_a_stale_read()
    {
        for (var i = 0; i < 40; i++)
            Writes($"lost{i}", i, null);
        Writes("a", 100, 101);
        Writes("b", 102, 103);
        Reads("a", 104, 105);

        Assert.False(IsLinearizable);
    }

    [Fact]
    public void A_history_of_a_real_run_is_checked_in_a_moment()
    {
        for (var i = 0; i < 50_000; i++)
        {
            // Four clients whose requests overlap; now and then one is never answered.
            Writes($"v{i}", 10 * i, i % 5_000 == 0 ? null : (10 * i) + 35);
            Reads($"v{i}", (10 * i) + 5, (10 * i) + 9);
        }

        Assert.True(IsLinearizable);
    }

    private bool IsLinearizable => Checker.FindViolation(_history) is null;

    private void Writes(string value, long from, long? to, string key = "k") =>
        _history.Add(new Operation(_history.Count, OperationKind.Write, key, from, to) { Value = value });

    private void Reads(string? found, long from, long? to, string key = "k") =>
        _history.Add(new Operation(_history.Count, OperationKind.Read, key, from, to) { Found = found });

    private void Sets(string value, string? ifHolds, bool succeeded, long from, long? to) =>
        _history.Add(
            new Operation(_history.Count, OperationKind.CompareAndSet, "k", from, to)
            {
                Value = value,
                Expected = ifHolds,
                Succeeded = succeeded,
            }
        );

    private void Deletes(bool found, long from, long? to) =>
        _history.Add(new Operation(_history.Count, OperationKind.Delete, "k", from, to) { Succeeded = found });

    private void DeletesIf(string holds, bool succeeded, long from, long? to) =>
        _history.Add(
            new Operation(_history.Count, OperationKind.CompareAndDelete, "k", from, to)
            {
                Expected = holds,
                Succeeded = succeeded,
            }
        );
}
