using Failover.Client.Local;

namespace Failover.Client.Tests.Commands;

/// <summary>A formation whose processes are shell scripts and whose HTTP interface is the test's.</summary>
public sealed class LocalCommandsTests : IAsyncLifetime, IDisposable
{
    private const string Cluster = """
        {"formation":"f","version":3,"paused":false,"monitor":"monitor1","nodes":[],
         "partitions":[{"partition":0,"epoch":4,"primary":"app2","inSync":["app1","app2"]}]}
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly LocalFormation _local;

    public LocalCommandsTests() =>
        _local = new LocalFormation(FormationFile.In(_directory.Path, FormationFile.DefaultDirectory));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _local.StopAllAsync(new CancellationToken(canceled: true));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Kill_primary_ends_the_process_of_the_node_that_the_view_names()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));
        var formation = await StartAsync(node);
        var pid = formation.Find("app2")!.Pid!.Value;

        var run = await CommandRun.OfAsync(["kill-primary"], _directory.Path);

        run.Succeeds($"killed app2 (process {pid}), the primary of partition 0 in epoch 4\n");
        Assert.False(NodeProcess.IsNode(pid, _local.File.DataOf("app2")));
        Assert.Equal(["monitor1", "app1"], _local.File.Read().Running.Select(each => each.Name));
    }

    [Fact]
    public async Task Kill_primary_kills_nothing_when_there_is_no_primary()
    {
        await using var node = await FakeNode.StartAsync(_ =>
            FakeAnswer.Json(Cluster.Replace("\"app2\",\"inSync\"", "null,\"inSync\"", StringComparison.Ordinal))
        );
        await StartAsync(node);

        (await CommandRun.OfAsync(["kill-primary"], _directory.Path)).Fails("partition 0 has no primary now");

        Assert.Equal(3, _local.Read().Running.Count());
    }

    [Fact]
    public async Task Down_stops_what_runs_and_is_content_when_nothing_does()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));
        var formation = await StartAsync(node);
        var processes = formation.Nodes.Select(each => $"{each.Name} (process {each.Pid})");

        (await CommandRun.OfAsync(["down"], _directory.Path)).Succeeds($"stopped {string.Join(", ", processes)}\n");
        (await CommandRun.OfAsync(["down"], _directory.Path)).Succeeds("nothing was running\n");
    }

    [Fact]
    public async Task The_token_that_the_nodes_were_given_is_shown_to_them()
    {
        await using var node = await FakeNode.StartAsync(_ => FakeAnswer.Json(Cluster));
        await StartAsync(node, "failover.http.auth-token=\"secret\"");

        Assert.Equal(0, (await CommandRun.OfAsync(["status"], _directory.Path)).ExitCode);

        Assert.Equal("Bearer secret", node.TheRequest.Headers.Authorization);
    }

    private async Task<FormationDocument> StartAsync(FakeNode node, params string[] settings)
    {
        var script = _directory.Write("node.sh", "while :; do sleep 0.02; done");
        var formation = await _local.StartAllAsync(
            new() { HttpPort = 0, Settings = settings },
            fresh: false,
            new NodeProgram("/bin/sh", script, _directory.Path),
            default
        );
        formation = formation with
        {
            Nodes = [.. formation.Nodes.Select(each => each with { Http = node.Endpoint.ToString() })],
        };
        _local.File.Write(formation);
        return formation;
    }
}
