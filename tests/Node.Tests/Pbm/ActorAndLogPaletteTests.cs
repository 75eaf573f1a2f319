using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Failover.Node.Pbm;

namespace Failover.Node.Tests.Pbm;

public sealed partial class ActorAndLogPaletteTests : PbmTests
{
    [Fact]
    public async Task The_actor_system_says_who_and_where_it_is()
    {
        var answer = await (await Connect()).Ask("actor system");

        Assert.Equal(["name: pbm", $"address: {Address}", "log level: INFO", "."], answer.Where((_, i) => i != 2));
        Assert.Matches("^uptime: 00:00:[0-9]{2}$", answer[2]);
    }

    [Fact]
    public async Task The_hierarchy_lists_parents_before_their_children()
    {
        System.ActorOf(Props.Create(() => new Parent()), "house");
        System.ActorOf(Props.Create(() => new Parent()), "house-next-door");
        var client = await Connect();

        Assert.Equal(
            [
                "/user",
                "/user/house",
                "/user/house/attic",
                "/user/house/cellar",
                "/user/house-next-door",
                "/user/house-next-door/attic",
                "/user/house-next-door/cellar",
                "Count: 7 actors",
                ".",
            ],
            await client.Ask("actor hierarchy")
        );
        Assert.Equal(
            ["/user", "/user/house", "/user/house-next-door", "Count: 3 actors", "."],
            await client.Ask("actor hierarchy -d 1")
        );
        Assert.Equal(
            ["/user/house", "/user/house/attic", "/user/house/cellar", "Count: 3 actors", "."],
            await client.Ask("actor hierarchy -s /user/house/")
        );
        Assert.Equal(
            ["/user/house/attic", "Count: 1 actor", "."],
            await client.Ask("actor hierarchy -d 0 -s /user/house/attic")
        );
    }

    [Theory]
    [InlineData("-s /user/nobody", "no actor answers at /user/nobody")]
    [InlineData("-s user", "-s takes a path such as /user/directory, not 'user'")]
    [InlineData(
        "-s akka.tcp://pbm@10.0.0.1:1/user",
        "-s takes a path such as /user/directory, not 'akka.tcp://pbm@10.0.0.1:1/user'"
    )]
    [InlineData("-s", "'-s' lacks its value")]
    [InlineData("-d 65", "-d takes a number from 0 to 64, not '65'")]
    [InlineData("-d -1", "-d takes a number from 0 to 64, not '-1'")]
    [InlineData("-x 1", "'-x' is not expected here")]
    public async Task A_hierarchy_that_cannot_be_listed_is_refused(string options, string reason)
    {
        var client = await Connect();

        Assert.Equal([".! " + reason], await client.Ask("actor hierarchy " + options));
    }

    [Fact]
    public async Task The_log_is_followed_from_its_level_up_one_line_of_text_a_line()
    {
        var client = await Connect();
        await client.Send("log tail warning\n");
        Assert.Equal("log from warning up, as akka.loglevel is info", await client.Line());

        Log(new Info("me", typeof(string), "too little to mention"));
        Log(new Warning("me", typeof(string), "first\nsecond \x1b[2J\r\n"));
        Log(new Error(new InvalidOperationException("why"), "me", typeof(string), "third"));

        foreach (
            var expected in (string[])
                [
                    "[WARNING] me: first",
                    "[WARNING] me: second  [2J",
                    "[ERROR] me: third",
                    "[ERROR] me: System.InvalidOperationException: why",
                ]
        )
            Assert.Equal(expected, Time().Replace(await client.LineWith(" me: "), ""));
    }

    [Fact]
    public async Task A_level_that_is_not_logged_is_not_promised()
    {
        var client = await Connect();

        await client.Send("log tail debug\n");

        Assert.Equal("log from info up, as akka.loglevel is info", await client.Line());
        Assert.Equal(
            [".", ".! 'loud' is not a level: debug, info, warning or error"],
            [.. await client.Ask("log tail loud"), .. await client.Answer()]
        );
    }

    [Fact]
    public async Task A_tail_leaves_no_actor_behind()
    {
        var client = await Connect();
        await client.Send("log tail\n");
        await client.Line();
        var tail = await System.ActorSelection("/user/pbm-log-tail-1").ResolveOne(TimeSpan.FromSeconds(10));
        var ended = tail.WatchAsync();

        await client.Send("log tail\n");
        await client.Line();

        Assert.True(await ended.WaitAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task Who_reads_too_slowly_is_told_how_many_lines_are_lost()
    {
        var lines = new LiveLines();
        for (var i = 1; i <= LiveLines.Capacity + 3; i++)
            lines.Write($"line {i}");
        lines.Complete();

        var read = await lines.ReadAll(CancellationToken.None).ToListAsync();

        Assert.Equal(["… 3 lines lost: read too slowly", "line 4"], read.Take(2));
        Assert.Equal(LiveLines.Capacity + 1, read.Count);
    }

    [GeneratedRegex(@"^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} ")]
    private static partial Regex Time();

    private void Log(LogEvent entry) => System.EventStream.Publish(entry);

    private sealed class Parent : ReceiveActor
    {
        protected override void PreStart()
        {
            Context.ActorOf(Props.Create(() => new Child()), "cellar");
            Context.ActorOf(Props.Create(() => new Child()), "attic");
        }
    }

    private sealed class Child : ReceiveActor;
}
