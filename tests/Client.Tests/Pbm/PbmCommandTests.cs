using Failover.Client.Commands;

namespace Failover.Client.Tests.Pbm;

public sealed class PbmCommandTests
{
    [Fact]
    public async Task A_single_command_is_passed_on_as_it_is_and_its_answer_printed()
    {
        await using var server = new FakePbm(_ => "/user\n..hidden\n.\n");

        var run = await CommandRun.OfAsync(["pbm", server.Address, "actor", "hierarchy", "-d", "2", "-s", "/user"]);

        run.Succeeds("/user\n.hidden\n");
        Assert.Equal(["actor hierarchy -d 2 -s /user"], server.Requests);
    }

    [Fact]
    public async Task A_refusal_is_one_line_and_a_failure()
    {
        await using var server = new FakePbm(_ => "printed before\n.! no such palette\n");

        var run = await CommandRun.OfAsync(["pbm", server.Address, "nix"]);

        Assert.Equal(("printed before\n", "failover: no such palette\n", 1), (run.Out, run.Error, run.ExitCode));
    }

    [Fact]
    public async Task Nobody_there_is_one_clear_line()
    {
        var address = await FakePbm.GoneAsync();

        (await CommandRun.OfAsync(["pbm", address, "cluster", "show"])).Fails(
            $"nobody listens on {address} (connection refused); a node's pbm port is in its log and in `failover status --json`"
        );
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", " does not answer as a pbm port does")]
    [InlineData(".! there are 32 sessions already\n", ": there are 32 sessions already")]
    public async Task A_greeting_that_is_none_is_said(string greeting, string expected)
    {
        await using var server = new FakePbm(_ => null, greeting);

        (await CommandRun.OfAsync(["pbm", server.Address, "cluster", "show"])).Fails(server.Address + expected);
    }

    [Fact]
    public async Task A_server_that_goes_away_during_an_answer_is_a_failure()
    {
        await using var server = new FakePbm(_ => null);

        (await CommandRun.OfAsync(["pbm", server.Address, "cluster", "show"])).Fails(
            $"{server.Address} closed the connection"
        );
    }

    [Theory]
    [InlineData("127.0.0.1:", "127.0.0.1:")]
    [InlineData("127.0.0.1:99999", "127.0.0.1:99999")]
    [InlineData(":9110", ":9110")]
    [InlineData("host name:1", "host name:1")]
    public async Task What_is_no_address_is_bad_usage(string address, string shown)
    {
        var run = await CommandRun.OfAsync(["pbm", address, "cluster", "show"]);

        Assert.Equal($"failover: '{shown}' is not an address; expected something like 127.0.0.1:9110\n", run.Error);
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task A_session_needs_a_terminal()
    {
        var run = await CommandRun.OfAsync(["pbm"]);

        Assert.Equal(
            "failover: a session needs a terminal; without one, say what to ask: failover pbm [HOST:PORT] PALETTE COMMAND\n",
            run.Error
        );
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task A_tail_is_ended_by_an_interruption_and_that_is_no_failure()
    {
        using var output = new SignallingWriter("one");
        using var error = new StringWriter();
        var surroundings = CommandRun.Surroundings(output, error);
        output.Seen = surroundings.Interruption.Signal;
        await using var server = new FakePbm(request => request == "stop" ? "too late\n.\n" : "one\n");

        var exitCode = await Application.RunAsync(["pbm", server.Address, "cluster", "tail"], surroundings);

        Assert.Equal(("one\n", "", 0), (output.ToString(), error.ToString(), exitCode));
        Assert.Equal(["cluster tail", "stop"], server.Requests);
    }
}
