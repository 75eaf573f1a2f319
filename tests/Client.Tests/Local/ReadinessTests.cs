using Failover.Client.Api;
using Failover.Client.Local;

namespace Failover.Client.Tests.Local;

public sealed class ReadinessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_formation_is_ready_when_every_node_answers_the_primary_serves_and_the_standbys_are_in_sync()
    {
        var steps = new Queue<string>([
            "null,[]",
            "\"app1\",[\"app1\"]",
            "\"app1\",[\"app1\"]",
            "\"app1\",[\"app1\",\"app2\"]",
        ]);
        var last = "";
        var promoted = false;
        await using var app1 = await FakeNode.StartAsync(request =>
        {
            if (request.Target.StartsWith("/primary", StringComparison.Ordinal))
            {
                // The first time it is asked, it does not serve yet.
                (var serves, promoted) = (promoted, true);
                return FakeAnswer.Empty(serves ? 200 : 503);
            }

            last = steps.Count > 0 ? steps.Dequeue() : last;
            return FakeAnswer.Json(View(last));
        });
        var slow = 2;
        await using var app2 = await FakeNode.StartAsync(request =>
            request.Target.StartsWith("/primary", StringComparison.Ordinal) ? FakeAnswer.Empty(503)
            : slow-- > 0 ? FakeAnswer.Empty(503)
            : FakeAnswer.Json(View("null,[]"))
        );

        var view = await WaitAsync(app1, app2);

        Assert.Equal(["app1", "app2"], Assert.Single(view.Partitions!).InSync);
        Assert.Contains(app1.Requests, request => request.Target == "/primary?partition=0");
        Assert.Empty(steps);
    }

    private static string View(string primaryAndInSync)
    {
        var parts = primaryAndInSync.Split(',', 2);
        return $$"""
            {"formation":"f","version":1,"paused":false,"monitor":null,"nodes":[],
             "partitions":[{"partition":0,"epoch":1,"primary":{{parts[0]}},"inSync":{{parts[1]}}}]}
            """;
    }

    private async Task<ClusterDocument> WaitAsync(FakeNode app1, FakeNode app2)
    {
        var formation = new FormationDocument
        {
            Nodes =
            [
                new("app1", ["data"], app1.Endpoint.ToString(), null, 1),
                new("app2", ["data"], app2.Endpoint.ToString(), null, 2),
            ],
        };
        using var client = new FormationClient([app1.Endpoint, app2.Endpoint]);
        var local = new LocalFormation(FormationFile.In(_directory.Path, "."));
        return await new Readiness(local, formation, client).WaitAsync(default);
    }
}
