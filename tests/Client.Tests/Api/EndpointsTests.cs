using Failover.Client.Api;

namespace Failover.Client.Tests.Api;

public sealed class EndpointsTests : IDisposable
{
    private const string Formation = """
        {"nodes":[
          {"name":"monitor1","roles":["monitor"],"http":"http://127.0.0.1:8080","pid":null},
          {"name":"app1","roles":["data"],"http":"http://127.0.0.1:8081","pid":17}]}
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_given_counts_more_than_the_environment_and_the_formation_file()
    {
        _directory.Write(".failover/formation.json", Formation);

        Assert.Equal([new Uri("http://h:1"), new Uri("https://i:2")], Find(["h:1", "https://i:2/x"], variable: "j:3"));
    }

    [Fact]
    public void The_environment_counts_more_than_the_formation_file()
    {
        _directory.Write(".failover/formation.json", Formation);

        Assert.Equal([new Uri("http://j:3"), new Uri("http://k:4")], Find([], variable: "j:3, http://k:4"));
    }

    [Fact]
    public void The_formation_file_lists_the_nodes_that_run_first()
    {
        _directory.Write(".failover/formation.json", Formation);

        Assert.Equal([new Uri("http://127.0.0.1:8081"), new Uri("http://127.0.0.1:8080")], Find([], variable: null));
    }

    [Fact]
    public void A_directory_that_was_named_counts_more_than_the_environment()
    {
        _directory.Write("other/formation.json", Formation);

        Assert.Equal(2, Find([], variable: "j:3", dir: "other").Count);
    }

    [Fact]
    public void Without_any_of_them_the_message_says_how_to_name_a_node()
    {
        var failure = Assert.Throws<CommandException>(() => Find([], variable: null));

        Assert.Contains("--endpoint", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, failure.ExitCode);
    }

    [Theory]
    [InlineData("::")]
    [InlineData("ftp://h")]
    [InlineData("http://")]
    public void What_is_no_address_is_bad_usage(string text)
    {
        Assert.Equal(ExitCode.BadUsage, Assert.Throws<CommandException>(() => Find([text], null)).ExitCode);
    }

    private IReadOnlyList<Uri> Find(string[] given, string? variable, string? dir = null)
    {
        var variables = variable is null ? [] : new Dictionary<string, string> { [Endpoints.VariableName] = variable };
        return Endpoints.Find(
            given,
            dir,
            CommandRun.Surroundings(TextWriter.Null, TextWriter.Null, _directory.Path, variables),
            out _
        );
    }
}
