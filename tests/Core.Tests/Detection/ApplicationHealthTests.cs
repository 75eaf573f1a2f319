using Failover.Core.Detection;

namespace Failover.Core.Tests.Detection;

public sealed class ApplicationHealthTests
{
    private readonly ApplicationHealth _health = new(failures: 3, recoveries: 2);

    [Fact]
    public void So_many_failures_in_a_row_are_trouble_and_fewer_are_not()
    {
        Fails(2);
        Assert.Null(_health.Trouble);

        Fails(1);
        Assert.Equal("the application's health check failed 3 times: exit 1: 'disk on fire'", _health.Trouble);
    }

    [Fact]
    public void A_good_check_in_between_starts_the_count_anew()
    {
        Fails(2);
        _health.Passed();
        Fails(2);

        Assert.Null(_health.Trouble);
    }

    [Fact]
    public void So_many_good_ones_in_a_row_end_it_and_fewer_do_not()
    {
        Fails(3);
        _health.Passed();
        Fails(1);
        _health.Passed();
        Assert.NotNull(_health.Trouble);

        _health.Passed();
        Assert.Null(_health.Trouble);
    }

    [Fact]
    public void The_trouble_stays_as_it_was_found_while_it_lasts_and_is_found_anew_afterwards()
    {
        Fails(3);
        _health.Failed("exit 2");
        Assert.Contains("disk on fire", _health.Trouble, StringComparison.Ordinal);

        _health.Passed();
        _health.Passed();
        for (var i = 0; i < 3; i++)
            _health.Failed("exit 2");

        Assert.Equal("the application's health check failed 3 times: exit 2", _health.Trouble);
    }

    [Fact]
    public void One_failure_may_be_enough()
    {
        var strict = new ApplicationHealth(failures: 1, recoveries: 1);

        strict.Failed("exit 1");
        Assert.Equal("the application's health check failed once: exit 1", strict.Trouble);

        strict.Passed();
        Assert.Null(strict.Trouble);
    }

    private void Fails(int times)
    {
        for (var i = 0; i < times; i++)
            _health.Failed("exit 1: 'disk on fire'");
    }
}
