using System.CommandLine;
using Failover.Client.Api;
using Failover.Client.Output;
using Failover.Client.Pbm;

namespace Failover.Client.Commands;

/// <summary>Commands that only look: status, watch, history, cluster.</summary>
internal static class ViewCommands
{
    public static IEnumerable<Command> All(Surroundings surroundings, RemoteOptions remote) =>
        [
            Status(surroundings, remote),
            Watch(surroundings, remote),
            History(surroundings, remote),
            Cluster(surroundings, remote),
        ];

    private static Command Status(Surroundings surroundings, RemoteOptions remote) =>
        remote.Command(
            "status",
            "The nodes: roles, reported and assigned state, epoch, position, lag, last heartbeat",
            async (api, parsed, cancel) =>
            {
                var answer = await api.ClusterAnswerAsync(cancel);
                if (parsed.GetValue(remote.Json))
                    await surroundings.Out.WriteLineAsync(ValueText.Indent(answer.Body));
                else
                    StatusView.Write(
                        FormationApi.Parse(answer, DocumentsContext.Default.ClusterDocument),
                        surroundings
                    );
            },
            remote.Json
        );

    private static Command Watch(Surroundings surroundings, RemoteOptions remote) =>
        remote.Command(
            "watch",
            "The table of `status`, redrawn twice a second; q or Ctrl+C leaves",
            (api, _, cancel) => new WatchScreen(surroundings).RunAsync(api, cancel)
        );

    private static Command History(Surroundings surroundings, RemoteOptions remote)
    {
        var last = new Option<int>("--last", "-n")
        {
            Description = "only the last N decisions",
            HelpName = "N",
            DefaultValueFactory = _ => int.MaxValue,
        };
        Numbers.Check(last, 1, int.MaxValue);
        return remote.Command(
            "history",
            "What was decided, when, why (the evidence), and how long it took",
            async (api, parsed, cancel) =>
            {
                var answer = await api.HistoryAnswerAsync(cancel);
                if (parsed.GetValue(remote.Json))
                {
                    await surroundings.Out.WriteLineAsync(ValueText.Indent(answer.Body));
                    return;
                }

                var history = FormationApi.Parse(answer, DocumentsContext.Default.HistoryDocument);
                HistoryView.Write([.. (history.Events ?? []).TakeLast(parsed.GetValue(last))], surroundings);
            },
            remote.Json,
            last
        );
    }

    private static Command Cluster(Surroundings surroundings, RemoteOptions remote)
    {
        var cluster = new Command("cluster", "The cluster's members, in the output format of pbm's `cluster` palette");
        cluster.Add(View("show", "All members", (document, _) => PbmView.Show(document)));
        cluster.Add(
            View(
                "status",
                "The member that answers",
                (document, endpoint) =>
                    (document.Nodes ?? [])
                        .Where(node =>
                            document.Self is { } self
                                ? node.Node == self
                                : node.Http is { } http && new Uri(http).Authority == endpoint.Authority
                        )
                        .Select(PbmView.Line)
            )
        );
        cluster.Add(
            View(
                "leader",
                "The cluster's leader",
                (document, _) =>
                    [PbmView.Leader(document) ?? throw new CommandException("the cluster has no leader now")]
            )
        );
        foreach (var command in PbmCommands.OfCluster(surroundings, remote))
            cluster.Add(command);
        return cluster;

        Command View(string name, string description, Func<ClusterDocument, Uri, IEnumerable<string>> lines) =>
            remote.Command(
                name,
                description,
                async (api, parsed, cancel) =>
                {
                    var answer = await api.ClusterAnswerAsync(cancel);
                    if (parsed.GetValue(remote.Json))
                    {
                        await surroundings.Out.WriteLineAsync(ValueText.Indent(answer.Body));
                        return;
                    }

                    var document = FormationApi.Parse(answer, DocumentsContext.Default.ClusterDocument);
                    foreach (var line in lines(document, answer.Endpoint))
                        await surroundings.Out.WriteLineAsync(line);
                },
                remote.Json
            );
    }
}
