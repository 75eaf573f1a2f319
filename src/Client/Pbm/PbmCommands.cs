using System.CommandLine;
using Failover.Client.Api;
using Failover.Client.Commands;

namespace Failover.Client.Pbm;

/// <summary>Commands that talk to a node's inspection port: <c>pbm</c>, and what of <c>cluster</c> HTTP does not offer.</summary>
internal static class PbmCommands
{
    public static Command Pbm(Surroundings surroundings, RemoteOptions remote)
    {
        var words = new Argument<string[]>("HOST:PORT PALETTE COMMAND")
        {
            Description = $"where to connect [default: {PbmAddress.Default}] and what to ask; nothing: a session",
            HelpName = "[HOST:PORT] [PALETTE COMMAND…]",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [],
        };
        var node = new Option<string?>("--node", "-n")
        {
            Description = "connect to this node, found over HTTP, instead of HOST:PORT",
            HelpName = "NODE",
        };
        node.CompletionSources.Add(_ => remote.NodeNames.All());
        var pbm = new Command("pbm", "Look inside one node, as with Petabridge.Cmd: cluster, actors, log")
        {
            words,
            node,
            remote.Endpoint,
            remote.Directory,
            remote.Timeout,
        };
        pbm.SetAction(
            async (parsed, cancel) =>
            {
                string[] request = parsed.GetValue(words) ?? [];
                var address = PbmAddress.Default;
                if (parsed.GetValue(node) is { } name)
                {
                    using var client = remote.Connect(parsed);
                    var cluster = await new FormationApi(client, ClientSession.Create()).ClusterAsync(cancel);
                    address = PortOf(Find(cluster, name));
                }
                else if (request is [var first, ..] && first.Contains(':', StringComparison.Ordinal))
                {
                    address = Parse(first);
                    request = request[1..];
                }

                if (request.Length > 0)
                    await AskAsync(address, string.Join(' ', request), surroundings, cancel);
                else
                    await TalkAsync(address, surroundings, cancel);
                return ExitCode.Done;
            }
        );
        return pbm;
    }

    public static IEnumerable<Command> OfCluster(Surroundings surroundings, RemoteOptions remote)
    {
        var leaving = new Argument<string?>("NODE")
        {
            Description = "the node that shall leave [default: the one of the only --endpoint]",
            HelpName = "NODE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        leaving.CompletionSources.Add(_ => remote.NodeNames.All());
        var dead = remote.Node("the dead member: a node, or an address as `cluster show` prints it");
        return
        [
            remote.Command(
                "tail",
                "All members, then every change as it happens; Ctrl+C ends",
                async (api, _, cancel) =>
                {
                    var cluster = await api.ClusterAsync(cancel);
                    await AskAsync(PortOf(Self(cluster)), "cluster tail", surroundings, cancel);
                }
            ),
            remote.Command(
                "leave",
                "Make a node leave the cluster; its process ends",
                async (api, parsed, cancel) =>
                {
                    var name = parsed.GetValue(leaving);
                    if (name is null && parsed.GetValue(remote.Endpoint) is not [_])
                        throw new CommandException("name the node that shall leave", ExitCode.BadUsage);
                    var cluster = await api.ClusterAsync(cancel);
                    var node = name is null ? Self(cluster) : Find(cluster, name);
                    await AskAsync(PortOf(node), "cluster leave", surroundings, cancel);
                },
                leaving
            ),
            remote.Command(
                "down",
                "Declare a member dead",
                async (api, parsed, cancel) =>
                {
                    var name = parsed.GetValue(dead)!;
                    var cluster = await api.ClusterAsync(cancel);
                    var address = name.Contains("://", StringComparison.Ordinal)
                        ? name
                        : Find(cluster, name).Address
                            ?? throw new CommandException($"the address of {name} is not known");
                    await AskAsync(
                        PortOf(AnybodyBut(cluster, address)),
                        $"cluster down {address}",
                        surroundings,
                        cancel
                    );
                },
                dead
            ),
            remote.Command(
                "down-unreachable",
                "Declare all members dead that the answering node cannot reach",
                async (api, _, cancel) =>
                {
                    var cluster = await api.ClusterAsync(cancel);
                    await AskAsync(PortOf(Self(cluster)), "cluster down-unreachable", surroundings, cancel);
                }
            ),
        ];
    }

    private static async Task AskAsync(
        PbmAddress address,
        string request,
        Surroundings surroundings,
        CancellationToken cancel
    )
    {
        using var connection = await PbmConnection.OpenAsync(address, cancel);
        // Ctrl+C is how one ends a tail: no failure.
        await connection.AskAsync(request, surroundings.Out.WriteLine, cancel);
    }

    private static async Task TalkAsync(PbmAddress address, Surroundings surroundings, CancellationToken cancel)
    {
        if (!surroundings.HasKeyboard)
            throw new CommandException(
                "a session needs a terminal; without one, say what to ask: failover pbm [HOST:PORT] PALETTE COMMAND",
                ExitCode.BadUsage
            );
        using var connection = await PbmConnection.OpenAsync(address, cancel);
        var offers = await connection.DownloadAsync(cancel);
        await new PbmConsole(connection, address, offers, surroundings).RunAsync();
    }

    private static NodeDocument Self(ClusterDocument cluster) =>
        Find(cluster, cluster.Self ?? throw new CommandException("the node that answers does not say who it is"));

    private static NodeDocument Find(ClusterDocument cluster, string name) =>
        cluster.Nodes?.FirstOrDefault(node => node.Node == name)
        ?? throw new CommandException(
            $"there is no node '{name}'; there are {string.Join(", ", (cluster.Nodes ?? []).Select(node => node.Node))}"
        );

    /// <summary>A dead node is declared so by another: this one, or else any that can be reached.</summary>
    private static NodeDocument AnybodyBut(ClusterDocument cluster, string address) =>
        (cluster.Nodes ?? [])
            .Where(node => node is { Pbm: not null, Reachability: "reachable" } && node.Address != address)
            .OrderBy(node => node.Node != cluster.Self)
            .FirstOrDefault()
        ?? throw new CommandException($"no other node can be reached that could declare {address} dead");

    private static PbmAddress PortOf(NodeDocument node) =>
        Parse(node.Pbm ?? throw new CommandException($"the pbm port of {node.Node} is not known"));

    private static PbmAddress Parse(string text) =>
        PbmAddress.TryParse(text)
        ?? throw new CommandException(
            $"'{text}' is not an address; expected something like {PbmAddress.Default}",
            ExitCode.BadUsage
        );
}
