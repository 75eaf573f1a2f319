using Akka.Actor;
using Akka.Event;
using Xunit.Sdk;

namespace Akka.Embedded.Tests.TestKit;

public sealed class EventFilterSpecs() : Akka.TestKit.Xunit2.TestKit("akka.loglevel = DEBUG")
{
    [Fact]
    public void Events_of_each_level_are_expected()
    {
        EventFilter.Error("broken").ExpectOne(() => Log.Error("broken"));
        EventFilter.Warning(start: "look").ExpectOne(() => Log.Warning("look out"));
        EventFilter.Info(contains: "7").ExpectOne(() => Log.Info("{0} of {1}", 7, 8));
        EventFilter
            .Debug(new System.Text.RegularExpressions.Regex("^d.g$"))
            .Expect(
                2,
                () =>
                {
                    Log.Debug("dig");
                    Log.Debug("dog");
                }
            );
    }

    [Fact]
    public void An_exception_is_expected_by_its_type() =>
        EventFilter
            .Exception<FormatException>("bad")
            .ExpectOne(() => Log.Error(new FormatException("bad"), "could not read"));

    [Fact]
    public void Too_few_and_too_many_events_fail_the_test()
    {
        Assert.ThrowsAny<XunitException>(() =>
            EventFilter.Warning("w").ExpectOne(TimeSpan.FromMilliseconds(50), () => Log.Info("w"))
        );
        Assert.ThrowsAny<XunitException>(() =>
            EventFilter
                .Warning("w")
                .ExpectOne(() =>
                {
                    Log.Warning("w");
                    Log.Warning("w");
                })
        );
        EventFilter.Warning().Expect(0, () => Log.Info("w"));
    }

    [Fact]
    public async Task Events_are_expected_asynchronously() =>
        await EventFilter
            .Info("later")
            .ExpectOneAsync(async () =>
            {
                await Task.Yield();
                Log.Info("later");
            });

    [Fact]
    public void Two_kinds_of_events_count_together() =>
        EventFilter
            .Info("a")
            .And.Warning("b")
            .Expect(
                2,
                () =>
                {
                    Log.Info("a");
                    Log.Warning("b");
                }
            );

    [Fact]
    public void Dead_letters_are_expected()
    {
        var gone = Sys.ActorOf(Props.Create(() => new Sink()));
        Watch(gone);
        Sys.Stop(gone);
        ExpectTerminated(gone);

        EventFilter.DeadLetter<string>(text => text == "lost").ExpectOne(() => gone.Tell("lost"));
    }

    [Fact]
    public void The_result_of_the_action_comes_through() =>
        Assert.Equal(
            5,
            EventFilter
                .Info("i")
                .ExpectOne(() =>
                {
                    Log.Info("i");
                    return 5;
                })
        );

    private sealed class Sink : ReceiveActor;
}
