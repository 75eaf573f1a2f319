namespace Failover.Client.Tests.Commands;

public sealed class WatchTests
{
    [Fact]
    public async Task Written_to_a_pipe_only_changes_are_told_until_the_user_leaves()
    {
        using var output = new StringWriter();
        var surroundings = CommandRun.Surroundings(output, TextWriter.Null);
        var asked = 0;
        await using var node = await FakeNode.StartAsync(_ =>
        {
            // The third picture differs from the first two.
            var primary = ++asked < 3 ? "app1" : "app2";
            if (asked == 4)
                surroundings.Interruption.Signal();
            return FakeAnswer.Json(
                $$"""
                {"formation":"f","version":{{(asked < 3 ? 1 : 2)}},"paused":false,"monitor":"monitor1","nodes":[],
                 "partitions":[{"partition":0,"epoch":1,"primary":"{{primary}}","inSync":[]}]}
                """
            );
        });

        var exitCode = await Client.Commands.Application.RunAsync(
            ["watch", "--endpoint", node.Endpoint.ToString()],
            surroundings
        );

        Assert.Equal(0, exitCode);
        Assert.Equal(
            ["app1", "app2"],
            output
                .ToString()
                .Split('\n')
                .Where(line => line.StartsWith("formation", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[^3])
        );
    }
}
