using System.Collections.Immutable;
using Failover.Core.Leases;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Leases;

public sealed class LeaseHoldTests
{
    private static readonly ImmutableArray<NodeId> Voters = [A, B, C];

    /// <summary>With this interval the holder relies on all of the 300 ms.</summary>
    private readonly LeaseHold _hold = new(new LeaseOptions { Interval = Ms(165), Duration = Ms(300) });

    public LeaseHoldTests() => _hold.Begin(new(1));

    [Fact]
    public void One_voter_of_three_is_no_majority()
    {
        _hold.Granted(A, new(1), At(1_000));

        Assert.Null(_hold.HeldUntil(Voters));
    }

    [Fact]
    public void A_majority_holds_as_long_as_its_earliest_heartbeat_counted_from_its_sending()
    {
        _hold.Granted(A, new(1), At(1_000));
        _hold.Granted(B, new(1), At(1_050));

        Assert.Equal(At(1_300), _hold.HeldUntil(Voters));
    }

    [Fact]
    public void Two_heartbeats_less_the_clocks_tolerance_is_the_longest_that_an_answer_is_good_for()
    {
        var hold = new LeaseHold(new LeaseOptions { Interval = Ms(55), Duration = Ms(300) });
        hold.Begin(new(1));
        hold.Granted(A, new(1), At(1_000));
        hold.Granted(B, new(1), At(1_000));

        Assert.Equal(At(1_100), hold.HeldUntil(Voters));
    }

    [Fact]
    public void The_slowest_minority_does_not_shorten_the_lease()
    {
        _hold.Granted(A, new(1), At(1_000));
        _hold.Granted(B, new(1), At(1_050));
        _hold.Granted(C, new(1), At(1_100));

        Assert.Equal(At(1_350), _hold.HeldUntil(Voters));
    }

    [Fact]
    public void Of_four_voters_three_are_needed()
    {
        ImmutableArray<NodeId> four = [A, B, C, M];
        _hold.Granted(A, new(1), At(1_000));
        _hold.Granted(B, new(1), At(1_050));
        Assert.Null(_hold.HeldUntil(four));

        _hold.Granted(M, new(1), At(1_100));

        Assert.Equal(At(1_300), _hold.HeldUntil(four));
    }

    [Fact]
    public void An_overtaken_answer_does_not_shorten_a_newer_grant()
    {
        _hold.Granted(A, new(1), At(1_050));
        _hold.Granted(B, new(1), At(1_050));

        _hold.Granted(A, new(1), At(1_000));

        Assert.Equal(At(1_350), _hold.HeldUntil(Voters));
    }

    [Fact]
    public void Grants_of_another_epoch_count_for_nothing()
    {
        _hold.Granted(A, new(1), At(1_000));
        _hold.Granted(B, new(1), At(1_000));

        _hold.Begin(new(2));
        _hold.Granted(A, new(1), At(1_050));
        _hold.Granted(B, new(2), At(1_050));

        Assert.Null(_hold.HeldUntil(Voters));
    }

    [Fact]
    public void An_answer_that_was_under_way_when_the_lease_was_released_counts_for_nothing()
    {
        _hold.Granted(A, new(1), At(1_000));
        _hold.Release(At(1_010));

        _hold.Granted(B, new(1), At(1_000));
        _hold.Granted(C, new(1), At(1_010));
        Assert.Null(_hold.HeldUntil(Voters));

        _hold.Granted(A, new(1), At(1_050));
        _hold.Granted(B, new(1), At(1_050));
        Assert.Equal(At(1_350), _hold.HeldUntil(Voters));
    }

    [Fact]
    public void What_was_released_in_one_epoch_says_nothing_about_the_next()
    {
        _hold.Release(At(1_010));
        _hold.Begin(new(2));

        _hold.Granted(A, new(2), At(1_010));
        _hold.Granted(B, new(2), At(1_010));

        Assert.Equal(At(1_310), _hold.HeldUntil(Voters));
    }

    [Fact]
    public void A_broken_connection_takes_the_voters_grant_along()
    {
        _hold.Granted(A, new(1), At(1_000));
        _hold.Granted(B, new(1), At(1_000));

        _hold.Forget(B);

        Assert.Null(_hold.HeldUntil(Voters));
    }

    [Fact]
    public void A_grant_of_a_node_that_is_no_voter_counts_for_nothing()
    {
        _hold.Granted(A, new(1), At(1_000));
        _hold.Granted(M, new(1), At(1_000));

        Assert.Null(_hold.HeldUntil(Voters));
    }

    [Fact]
    public void A_holder_without_a_majority_gives_its_grants_back_for_a_while_and_then_claims_anew()
    {
        Assert.False(_hold.Rests(Voters, At(1_000)));
        _hold.Granted(A, new(1), At(1_000));
        Assert.False(_hold.Rests(Voters, At(1_900)));

        Assert.True(_hold.Rests(Voters, At(1_901)));
        _hold.Granted(B, new(1), At(1_901));
        Assert.True(_hold.Rests(Voters, At(2_230)));
        Assert.Null(_hold.HeldUntil(Voters));

        Assert.False(_hold.Rests(Voters, At(2_231)));
    }

    [Fact]
    public void A_holder_with_a_majority_never_rests()
    {
        for (var now = 1_000; now < 5_000; now += 50)
        {
            _hold.Granted(A, new(1), At(now));
            _hold.Granted(B, new(1), At(now));
            Assert.False(_hold.Rests(Voters, At(now)));
        }
    }
}
