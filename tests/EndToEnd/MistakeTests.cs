using System.Net;
using System.Net.Sockets;
using System.Text;
using Failover.Formation;

namespace Failover.EndToEnd;

/// <summary>What a user gets to read after a mistake: one clear line, never a stack trace.</summary>
public sealed class MistakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Mistakes_against_a_running_formation_are_answered_in_one_line()
    {
        await using var formation = await LocalFormation.Start();
        var file = Path.Combine(formation.Directory, "update");
        await File.WriteAllTextAsync(file, "good=1\nno equals sign here\n");

        await Refused(formation, 1, "update:2:", "update", "--file", file);
        Assert.DoesNotContain(
            "good",
            (await formation.Run("get-state", "primary")).Succeeded().Output,
            StringComparison.Ordinal
        );
        await Refused(formation, 1, "nobody", "switchover", "--to", "nobody");
        await Refused(formation, 1, "nobody", "start", "nobody");
        await Refused(formation, 1, "limit", "put", new string('k', 2000), "1");
        await Refused(formation, 1, "already", "up", "--detach");
        await Refused(formation, 2, "--if-version", "put", "a", "1", "--if-version", "x");

        using var http = new HttpClient();
        using var bad = await http.PutAsync(
            $"{formation.Nodes[0].Http}/kv-store/v1/kv/a",
            new StringContent("{\"value\": nope}", Encoding.UTF8, "application/json")
        );
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Equal("application/problem+json", bad.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("failover.replication.durabilty=memory", "failover.replication.durability")]
    [InlineData("failover.heartbeat.interval=1 ms", "failover.heartbeat.interval")]
    [InlineData("failover.partitions=none", "failover.partitions")]
    public async Task A_wrong_setting_stops_the_start_with_its_name(string setting, string named)
    {
        var directory = Directory.CreateTempSubdirectory("failover-");
        var result = await CommandLine.Run(
            "up",
            "--detach",
            "--http-port",
            "0",
            "--dir",
            directory.FullName,
            "--set",
            setting
        );
        await CommandLine.Run("down", "--dir", directory.FullName);
        directory.Delete(recursive: true);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        NoStackTrace(result);
    }

    [Fact]
    public async Task A_port_in_use_and_a_directory_that_cannot_be_are_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var directory = Directory.CreateTempSubdirectory("failover-");
        var inUse = await CommandLine.Run("up", "--detach", "--http-port", $"{port}", "--dir", directory.FullName);
        directory.Delete(recursive: true);
        var nowhere = await CommandLine.Run("up", "--detach", "--http-port", "0", "--dir", "/proc/nowhere");

        Assert.Equal(1, inUse.ExitCode);
        Assert.Contains($"{port}", inUse.Error, StringComparison.Ordinal);
        Assert.Equal(1, nowhere.ExitCode);
        Assert.Contains("/proc/nowhere", nowhere.Error, StringComparison.Ordinal);
        NoStackTrace(inUse);
        NoStackTrace(nowhere);
    }

    private static async Task Refused(LocalFormation formation, int exitCode, string mentions, params string[] command)
    {
        var result = await formation.Run(command);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(mentions, result.Error, StringComparison.OrdinalIgnoreCase);
        NoStackTrace(result);
    }

    private static void NoStackTrace(CommandResult result) =>
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
}
