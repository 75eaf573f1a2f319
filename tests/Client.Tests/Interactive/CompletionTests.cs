using Failover.Client.Interactive;

namespace Failover.Client.Tests.Interactive;

public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Completion _completion;

    public CompletionTests()
    {
        _directory.Write(
            ".failover/formation.json",
            """
            {"nodes":[{"name":"app2","roles":["data"],"http":"http://127.0.0.1:8082","pid":null},
                      {"name":"app1","roles":["data"],"http":"http://127.0.0.1:8081","pid":null}]}
            """
        );
        _completion = new(CommandRun.Surroundings(TextWriter.Null, TextWriter.Null, _directory.Path));
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("sta", "start", "status")]
    [InlineData("he", "help")]
    [InlineData("maintenance ", "disable", "enable")]
    [InlineData("maintenance en", "enable")]
    [InlineData("switchover --t", "--timeout", "--to")]
    [InlineData("kill ", "app1", "app2")]
    [InlineData("switchover --to a", "app1", "app2")]
    [InlineData("get-state ", "app1", "app2", "primary", "standby")]
    [InlineData("bench --mode ", "mixed", "read", "write")]
    [InlineData("nonsense ")]
    public void The_words_that_may_follow_are_offered(string line, params string[] words)
    {
        Assert.Equal(words, _completion.Of(line));
    }

    [Fact]
    public void An_empty_line_offers_every_command()
    {
        Assert.Superset(
            new HashSet<string> { "up", "status", "kill-primary", "failover", "exit", "help" },
            _completion.Of("").ToHashSet()
        );
    }

    [Theory]
    [InlineData("stat", "status ", "status")]
    [InlineData("st", "sta", "start", "status")]
    [InlineData("kill a", "kill app", "app1", "app2")]
    [InlineData("x", "x")]
    public void The_line_grows_as_far_as_all_candidates_agree(string line, string grown, params string[] candidates)
    {
        Assert.Equal(grown, Completion.Apply(line, candidates));
    }
}
