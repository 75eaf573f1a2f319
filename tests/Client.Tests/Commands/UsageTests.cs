namespace Failover.Client.Tests.Commands;

public sealed class UsageTests
{
    [Theory]
    [InlineData("there is no command 'sttus'", "failover --help", "sttus")]
    [InlineData("there is no option '--nonsense'", "failover --help", "--nonsense")]
    [InlineData("there is no command 'shw'", "failover cluster --help", "cluster", "shw")]
    [InlineData("Required command was not provided.", "failover maintenance --help", "maintenance")]
    [InlineData("Required argument 'VALUE' missing for command: 'put'.", "failover put --help", "put", "k")]
    [InlineData("Unrecognized command or argument 'x'.", "failover put --help", "put", "k", "v", "x")]
    [InlineData(
        "--if-version must be a whole number from 0 to 9223372036854775807, not 'x'",
        "failover put --help",
        "put",
        "k",
        "v",
        "--if-version",
        "x"
    )]
    [InlineData(
        "--timeout must be a number of seconds between 0.1 and 3600, not '0'",
        "failover status --help",
        "status",
        "--timeout",
        "0"
    )]
    [InlineData("--nodes must be a whole number from 1 to 99, not '0'", "failover up --help", "up", "--nodes", "0")]
    [InlineData(
        "--http-port must be a whole number from 0 to 65000, not '70000'",
        "failover up --help",
        "up",
        "--http-port",
        "70000"
    )]
    [InlineData("--set: expected key=value but found 'x'", "failover up --help", "up", "--set", "x")]
    [InlineData(
        "--clients must be a whole number from 1 to 10000, not 'many'",
        "failover bench --help",
        "bench",
        "--clients",
        "many"
    )]
    [InlineData(
        "Argument 'x' not recognized. Must be one of: 'write' 'read' 'mixed'",
        "failover bench --help",
        "bench",
        "--mode",
        "x"
    )]
    public async Task Bad_usage_is_one_line_and_a_hint(string message, string hint, params string[] arguments)
    {
        (await CommandRun.OfAsync(arguments)).IsBadUsage(message, hint);
    }

    [Fact]
    public async Task Without_a_command_and_without_a_keyboard_help_is_named()
    {
        (await CommandRun.OfAsync([])).IsBadUsage("a command is missing", "failover --help");
    }

    [Fact]
    public async Task Help_names_the_program_even_though_a_command_has_its_name()
    {
        var run = await CommandRun.OfAsync(["failover", "--help"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("failover failover [options]", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_formation_that_is_not_there_is_a_failure_that_says_what_to_do()
    {
        using var directory = new TemporaryDirectory();

        foreach (var arguments in new[] { new[] { "down" }, ["kill", "app1"], ["start", "app1"], ["kill-primary"] })
            (await CommandRun.OfAsync(arguments, directory.Path)).Fails(
                $"no formation in {directory.Path}/.failover; start one with `failover up`"
            );
    }

    [Fact]
    public async Task An_interrupted_command_says_so()
    {
        using var error = new StringWriter();
        var surroundings = CommandRun.Surroundings(TextWriter.Null, error);
        surroundings.Interruption.Signal();

        var exitCode = await Client.Commands.Application.RunAsync(
            ["status", "--endpoint", "127.0.0.1:1"],
            surroundings
        );

        Assert.Equal((1, "failover: interrupted\n"), (exitCode, error.ToString()));
    }
}
