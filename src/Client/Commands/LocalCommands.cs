using System.CommandLine;
using System.Globalization;
using Failover.Client.Api;
using Failover.Client.Local;

namespace Failover.Client.Commands;

/// <summary>Commands for the processes of a formation on this machine: up, down, start, stop, kill, kill-primary.</summary>
internal static class LocalCommands
{
    public static IEnumerable<Command> All(Surroundings surroundings, RemoteOptions remote) =>
        [
            Up(surroundings, remote),
            Down(surroundings, remote),
            One(
                "start",
                "Start a node that is not running",
                async (local, name, cancel) => Started(await local.StartAsync(name, NodeProgram.Find, cancel)),
                surroundings,
                remote
            ),
            One(
                "stop",
                "Stop a node gracefully",
                async (local, name, cancel) => $"stopped {Process(await local.StopAsync(name, cancel))}",
                surroundings,
                remote
            ),
            One(
                "kill",
                "End a node's process at once (SIGKILL)",
                async (local, name, cancel) => $"killed {Process(await local.KillAsync(name, cancel))}",
                surroundings,
                remote
            ),
            KillPrimary(surroundings, remote),
        ];

    private static Command Up(Surroundings surroundings, RemoteOptions remote)
    {
        var nodes = Whole("--nodes", "how many data nodes [default: 2]", 1, 99);
        var monitors = Whole("--monitors", "how many monitors [default: 1]", 1, 9);
        var partitions = Whole("--partitions", "how many partitions [default: 1]", 1, 1024);
        var httpPort = Whole(
            "--http-port",
            "the first node's HTTP port, the others follow; 0: any free ones [default: 8080]",
            0,
            65_000
        );
        var settings = new Option<string[]>("--set")
        {
            Description = "a setting for every node, such as failover.replication.durability=memory; repeatable",
            HelpName = "KEY=VALUE",
            DefaultValueFactory = _ => [],
        };
        settings.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (UpdateFile.TryEntry(token.Value, out _) is { } problem)
                    result.AddError($"--set: {problem}");
        });
        var fresh = new Option<bool>("--fresh") { Description = "discard what a former formation left in DIR" };
        var detach = new Option<bool>("--detach")
        {
            Description = "return when the formation is ready; `down` stops it",
        };
        var up = new Command("up", "Start a formation on this machine, each node a process; Ctrl+C stops it")
        {
            nodes,
            monitors,
            partitions,
            httpPort,
            remote.Directory,
            settings,
            fresh,
            detach,
        };
        up.SetAction(
            (parsed, cancel) =>
                new UpCommand(surroundings, new LocalFormation(remote.FormationFileOf(parsed))).RunAsync(
                    new UpRequest
                    {
                        Nodes = parsed.GetValue(nodes),
                        Monitors = parsed.GetValue(monitors),
                        Partitions = parsed.GetValue(partitions),
                        HttpPort = parsed.GetValue(httpPort),
                        Settings = parsed.GetValue(settings) ?? [],
                    },
                    parsed.GetValue(fresh),
                    parsed.GetValue(detach),
                    cancel
                )
        );
        return up;
    }

    private static Command Down(Surroundings surroundings, RemoteOptions remote)
    {
        var down = new Command("down", "Stop a detached formation gracefully") { remote.Directory };
        down.SetAction(
            async (parsed, _) =>
            {
                var local = new LocalFormation(remote.FormationFileOf(parsed));
                var stopped = await local.StopAllAsync(surroundings.Interruption.Requested);
                await surroundings.Out.WriteLineAsync(
                    stopped.Count == 0 ? "nothing was running" : $"stopped {string.Join(", ", stopped.Select(Process))}"
                );
                return ExitCode.Done;
            }
        );
        return down;
    }

    private static Command KillPrimary(Surroundings surroundings, RemoteOptions remote)
    {
        var partition = Whole("--partition", "of which partition [default: 0]", 0, 1023);
        var command = new Command("kill-primary", "End the process of the primary at once, and see the failover")
        {
            partition,
            remote.Endpoint,
            remote.Directory,
            remote.Timeout,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var local = new LocalFormation(remote.FormationFileOf(parsed));
                var wanted = parsed.GetValue(partition) ?? 0;
                var formation = local.Read();
                // The processes of this machine's formation are asked, unless the user names others.
                using var client = parsed.GetValue(remote.Endpoint) is { Length: > 0 }
                    ? remote.Connect(parsed)
                    : new FormationClient(
                        formation.Nodes.OrderBy(node => node.Pid is null).Select(node => node.Endpoint),
                        remote.ClientOptions(parsed, formation)
                    );
                var cluster = await new FormationApi(client, ClientSession.Create()).ClusterAsync(cancel);
                var view = cluster.Partitions?.FirstOrDefault(each => each.Partition == wanted);
                var primary =
                    view?.Primary
                    ?? throw new CommandException(
                        string.Create(CultureInfo.InvariantCulture, $"partition {wanted} has no primary now")
                    );
                var killed = await local.KillAsync(primary, cancel);
                await surroundings.Out.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"killed {Process(killed)}, the primary of partition {wanted} in epoch {view.Epoch}"
                    )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command One(
        string name,
        string description,
        Func<LocalFormation, string, CancellationToken, Task<string>> run,
        Surroundings surroundings,
        RemoteOptions remote
    )
    {
        var node = remote.Node("a node of the local formation");
        var command = new Command(name, description) { node, remote.Directory };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var local = new LocalFormation(remote.FormationFileOf(parsed));
                await surroundings.Out.WriteLineAsync(await run(local, parsed.GetRequiredValue(node), cancel));
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static string Started(LocalNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"started {node.Name} (process {node.Pid}) at {node.Http}");

    private static string Process(LocalNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"{node.Name} (process {node.Pid})");

    private static Option<int?> Whole(string name, string description, int least, int most)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        Numbers.Check(option, least, most);
        return option;
    }
}
