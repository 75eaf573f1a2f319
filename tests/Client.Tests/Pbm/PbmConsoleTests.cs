using Failover.Client.Pbm;

namespace Failover.Client.Tests.Pbm;

public sealed class PbmConsoleTests : IAsyncLifetime, IDisposable
{
    private const string Palettes =
        "cluster\tshow\t\tall members\ncluster\tdown\tADDRESS\tdeclare a member dead\nlog\ttail\t[LEVEL]\twhat is logged\n.\n";

    private readonly SignallingWriter _out = new("tailing");
    private readonly StringWriter _error = new();
    private readonly Surroundings _surroundings;
    private readonly FakePbm _server = new(request =>
        request switch
        {
            "palettes" => Palettes,
            "cluster show" => "Count: 0 nodes\n.\n",
            "log tail" => "tailing\n",
            "stop" => ".\n",
            "die" => null,
            _ => ".! there is no such thing\n",
        }
    );

    private PbmConnection _connection = null!;
    private PbmConsole _console = null!;

    public PbmConsoleTests() => _surroundings = CommandRun.Surroundings(_out, _error);

    public async Task InitializeAsync()
    {
        var address = PbmAddress.TryParse(_server.Address)!;
        _connection = await PbmConnection.OpenAsync(address, CancellationToken.None);
        var offers = await _connection.DownloadAsync(CancellationToken.None);
        _console = new PbmConsole(_connection, address, offers, _surroundings);
    }

    public async Task DisposeAsync()
    {
        _connection.Dispose();
        await _server.DisposeAsync();
    }

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void A_session_opens_as_pbm_opens_it()
    {
        var port = _server.Address.Split(':')[1];

        Assert.Equal(
            [
                $"successfully connected to [::ffff:127.0.0.1]:{port}",
                "Commands downloaded from server. type `help` to see what's available",
            ],
            PbmConsole.Banner(_connection)
        );
    }

    [Fact]
    public async Task Lines_go_to_the_server_and_a_refusal_does_not_end_the_session()
    {
        Assert.True(await _console.ExecuteAsync("  nonsense  "));
        Assert.True(await _console.ExecuteAsync(""));
        Assert.True(await _console.ExecuteAsync("cluster  show"));

        Assert.Equal(("Count: 0 nodes\n", "there is no such thing\n"), (_out.ToString(), _error.ToString()));
        Assert.Equal(["palettes", "nonsense", "cluster show"], _server.Requests);
    }

    [Theory]
    [InlineData("exit")]
    [InlineData(" quit ")]
    public async Task The_user_may_leave(string line) => Assert.False(await _console.ExecuteAsync(line));

    [Fact]
    public async Task An_interruption_ends_a_tail_and_the_session_goes_on()
    {
        _out.Seen = _surroundings.Interruption.Signal;

        Assert.True(await _console.ExecuteAsync("log tail"));
        Assert.True(await _console.ExecuteAsync("cluster show"));

        Assert.Equal("tailing\nCount: 0 nodes\n", _out.ToString());
    }

    [Fact]
    public async Task Help_comes_from_the_server()
    {
        await _console.ExecuteAsync("help");
        await _console.ExecuteAsync("help log");
        await _console.ExecuteAsync("help nix");

        Assert.Equal(
            """
            cluster show          all members
            cluster down ADDRESS  declare a member dead
            log tail [LEVEL]      what is logged
            Tab completes, Ctrl+C ends a tail, `exit` leaves
            log tail [LEVEL]  what is logged

            """,
            _out.ToString()
        );
        Assert.Equal("there is no palette 'nix'\n", _error.ToString());
    }

    [Theory]
    [InlineData("", "cluster", "exit", "help", "log")]
    [InlineData("c", "cluster")]
    [InlineData("cluster ", "down", "show")]
    [InlineData("cluster s", "show")]
    [InlineData("help l", "log")]
    [InlineData("cluster show ")]
    [InlineData("nix ")]
    public void The_words_that_may_follow_are_offered(string line, params string[] words) =>
        Assert.Equal(words, _console.Complete(line));

    [Fact]
    public async Task A_server_that_goes_away_ends_the_session()
    {
        var gone = await Assert.ThrowsAsync<CommandException>(() => _console.ExecuteAsync("die"));

        Assert.Equal($"{_server.Address} closed the connection", gone.Message);
    }
}
