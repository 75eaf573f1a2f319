using Failover.Core;
using Failover.Node.Application;
using Failover.Node.Configuration;
using Failover.Node.Tests.Storage;

namespace Failover.Node.Tests.Application;

/// <summary>Real, short-lived processes.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class OperatorProgramTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Exit_code_0_is_healthy_whatever_was_printed() => Assert.Null(await Shell("echo fine; exit 0"));

    [Theory]
    [InlineData("exit 3", "exit 3")]
    [InlineData("echo disk on fire; exit 1", "exit 1: 'disk on fire'")]
    [InlineData("echo one; echo two >&2; echo; exit 1", "exit 1: 'two'")]
    [InlineData("printf 'no end of line'; exit 1", "exit 1: 'no end of line'")]
    [InlineData("kill -9 $$", "killed by signal 9")]
    [InlineData("head -c 300 /dev/zero | tr '\\0' x; exit 1", null)]
    public async Task Any_other_end_is_told_with_the_last_line_that_was_printed(string script, string? expected) =>
        Assert.Equal(expected ?? $"exit 1: '{new string('x', 200)}'", await Shell(script));

    [Fact]
    public async Task Arguments_are_passed_as_they_are_and_no_shell_reads_them()
    {
        var check = Command(TimeSpan.FromSeconds(20), "printf", "%s|", "a b", "$HOME", ";", "ü");

        // printf's exit code is 0, so its output is not told: look at what another program got.
        Assert.Null(await check.Start().Ended);
        Assert.Equal(
            "exit 7: '[a b][$HOME][;][ü]'",
            await Command(
                    TimeSpan.FromSeconds(20),
                    "sh",
                    "-c",
                    "printf '[%s]' \"$@\"; exit 7",
                    "sh",
                    "a b",
                    "$HOME",
                    ";",
                    "ü"
                )
                .Start()
                .Ended
        );
    }

    [Fact]
    public async Task What_prints_more_than_a_pipe_holds_is_heard_to_its_end() =>
        Assert.Equal("exit 1: 'end'", await Shell("head -c 1000000 /dev/zero | tr '\\0' '\\n'; echo end; exit 1"));

    [Fact]
    public async Task The_nodes_name_is_in_the_environment_beside_everything_else() =>
        Assert.Equal(
            $"exit 1: 'app1 {Environment.GetEnvironmentVariable("PATH")}'",
            await Shell("echo $FAILOVER_NODE $PATH; exit 1")
        );

    [Fact]
    public async Task Standard_input_is_empty() => Assert.Equal("exit 5: '0'", await Shell("wc -c; exit 5"));

    [Fact]
    public async Task A_broken_pipe_ends_a_check_as_it_does_in_a_terminal() =>
        Assert.Equal("exit 141", await Shell("yes | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}", shell: "bash"));

    [Fact]
    public async Task A_check_that_takes_too_long_is_killed_with_all_that_it_started()
    {
        using var fifo = await Fifo.Made(_directory);
        var failure = await Shell(
            $"(echo child; exec sleep 1000) > {fifo.Path} & (sh -c 'echo orphan; exec sleep 1000' > {fifo.Path} &) ; echo started; wait",
            TimeSpan.FromSeconds(1)
        );

        Assert.Equal("no answer within 1 s: 'started'", failure);
        Assert.Equal(["child", "orphan"], (await fifo.UntilAllWritersAreGone()).Order());
    }

    [Fact]
    public async Task A_check_that_ends_and_leaves_somebody_behind_who_holds_its_output_is_not_waited_for()
    {
        using var fifo = await Fifo.Made(_directory);

        Assert.Equal(
            "exit 1: 'left one behind'",
            await Shell($"sleep 1000 2> {fifo.Path} & echo left one behind; exit 1")
        );

        await fifo.UntilAllWritersAreGone();
    }

    [Theory]
    [InlineData(
        "chek-disk",
        "failover.health.command: \"chek-disk\" is no executable file, nor is one of that name in PATH"
    )]
    [InlineData("/etc/passwd", "failover.health.command: \"/etc/passwd\" is no executable file")]
    public void A_program_that_is_not_there_is_a_mistake_in_the_settings(string program, string expected) =>
        Assert.Equal(
            expected,
            Assert.Throws<SettingsException>(() => Command(TimeSpan.FromSeconds(1), program)).Message
        );

    [Fact]
    public async Task A_program_that_went_away_or_cannot_be_run_is_a_failure_with_its_reason()
    {
        var file = Path.Combine(_directory.Path, "check");
        await File.WriteAllTextAsync(file, "#!/no/such/interpreter\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var check = Command(TimeSpan.FromSeconds(1), file);

        Assert.Equal($"{file} cannot be run: No such file or directory", await check.Start().Ended);

        File.Delete(file);
        Assert.Equal($"{file} cannot be run: No such file or directory", await check.Start().Ended);
    }

    private static OperatorProgram Command(TimeSpan timeout, params string[] argv) =>
        new("failover.health.command", new NodeId("app1"), [.. argv], timeout, leavesChildren: false);

    private static Task<string?> Shell(string script, TimeSpan? timeout = null, string shell = "sh") =>
        Command(timeout ?? TimeSpan.FromSeconds(60), shell, "-c", script).Start().Ended;

    /// <summary>Tells when the last process that holds it open for writing is gone.</summary>
    private sealed class Fifo : IDisposable
    {
        private readonly FileStream _keptOpen;
        private readonly StreamReader _reader;

        private Fifo(string path)
        {
            Path = path;
            // Opened both ways nobody waits for anybody; closed again, the writers are the others alone.
            _keptOpen = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            _reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read));
        }

        public string Path { get; }

        public static async Task<Fifo> Made(TemporaryDirectory directory)
        {
            var path = directory["fifo"];
            Assert.Null(await Command(TimeSpan.FromSeconds(60), "mkfifo", path).Start().Ended);
            return new Fifo(path);
        }

        public async Task<string[]> UntilAllWritersAreGone()
        {
            await _keptOpen.DisposeAsync();
            return (await _reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }

        public void Dispose()
        {
            _keptOpen.Dispose();
            _reader.Dispose();
        }
    }
}
