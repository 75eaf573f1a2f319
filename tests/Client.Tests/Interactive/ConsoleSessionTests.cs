using Failover.Client.Interactive;

namespace Failover.Client.Tests.Interactive;

public sealed class ConsoleSessionTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly ConsoleSession _session;
    private readonly Surroundings _surroundings;

    public ConsoleSessionTests()
    {
        _surroundings = CommandRun.Surroundings(_out, _error);
        _session = new(_surroundings);
    }

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task A_line_is_a_command_and_a_failure_does_not_end_the_console()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Problem(404, "no such key", "not-found"));

        Assert.True(await _session.ExecuteAsync($"get k --endpoint {node.Endpoint}"));

        Assert.Equal("failover: there is no key 'k'\n", _error.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("help put")]
    [InlineData("put 'open")]
    [InlineData("nonsense")]
    public async Task The_console_goes_on(string line) => Assert.True(await _session.ExecuteAsync(line));

    [Theory]
    [InlineData("exit")]
    [InlineData(" quit ")]
    public async Task The_user_may_leave(string line) => Assert.False(await _session.ExecuteAsync(line));

    [Fact]
    public async Task Help_takes_the_command_to_explain()
    {
        await _session.ExecuteAsync("help put");

        Assert.Contains("failover put <KEY> <VALUE>", _out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_command_does_not_interrupt_the_next_one()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("""{"key":"k","value":1,"version":4}"""));
        _surroundings.Interruption.Signal();

        await _session.ExecuteAsync($"get k --endpoint {node.Endpoint}");

        Assert.Equal(("1\n", ""), (_out.ToString(), _error.ToString()));
    }

    [Fact]
    public async Task The_name_of_the_program_may_stand_before_a_command()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json("""{"key":"k","value":1,"version":4}"""));

        await _session.ExecuteAsync($"failover get k --endpoint {node.Endpoint}");

        Assert.Equal("1\n", _out.ToString());
    }
}
