using System.Globalization;
using Failover.Client.Api;

namespace Failover.Client.Local;

/// <summary>Starts, stops and kills the processes of one local formation, and keeps <c>formation.json</c> true.</summary>
internal sealed class LocalFormation(FormationFile file)
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private const int LogLines = 12;

    public FormationFile File => file;

    /// <summary>As written down, but with no process id of a process that is gone.</summary>
    public FormationDocument Read() => WithoutTheDead(file.Read());

    public FormationDocument? TryRead() => file.TryRead() is { } formation ? WithoutTheDead(formation) : null;

    /// <summary>Starts every node of the plan; all or, when one cannot be started, none.</summary>
    public async Task<FormationDocument> StartAllAsync(
        UpRequest request,
        bool fresh,
        NodeProgram program,
        CancellationToken cancel
    )
    {
        file.CreateDirectory();
        using var held = await file.LockAsync(cancel);
        var former = fresh ? TryReadLoosely() : TryRead();
        if (former?.Running.Any() == true)
            throw new CommandException(
                $"a formation already runs in {file.Directory}; stop it with `failover down`, or use another --dir"
            );
        if (fresh)
        {
            var plan = FormationPlan.Make(request, null, new PortFinder());
            file.Wipe((former?.Nodes ?? []).Union(plan.Nodes).Select(node => node.Name).Distinct());
            return Launch(plan, program);
        }

        return Launch(FormationPlan.Make(request, former, new PortFinder()), program);
    }

    /// <param name="find">Looks for the node's program; called when it is certain that there is a node to start.</param>
    public async Task<LocalNode> StartAsync(string name, Func<NodeProgram> find, CancellationToken cancel)
    {
        LocalNode started;
        using (await file.LockAsync(cancel))
        {
            var formation = Read();
            var node = Find(formation, name);
            if (node.Pid is { } running)
                throw new CommandException($"{name} already runs (process {running})");
            RefuseTakenPorts(node);
            var program = find();
            using var process = NodeProcess.Start(program, file.LogOf(name), Arguments(program, formation, node));
            started = node with { Pid = process.Id };
            file.Write(formation.With(started));
        }

        await WaitUntilItAnswersAsync(started, cancel);
        return started;
    }

    /// <returns>The node as it ran, with its former process id.</returns>
    public async Task<LocalNode> StopAsync(string name, CancellationToken cancel)
    {
        using var held = await file.LockAsync(cancel);
        var node = FindRunning(name);
        await EndAsync(node, cancel);
        file.Write(Read().With(node with { Pid = null }));
        return node;
    }

    /// <inheritdoc cref="StopAsync"/>
    public async Task<LocalNode> KillAsync(string name, CancellationToken cancel)
    {
        using var held = await file.LockAsync(cancel);
        var node = FindRunning(name);
        NodeProcess.Kill(node.Pid!.Value, file.DataOf(name));
        await NodeProcess.WaitForExitAsync(node.Pid.Value, file.DataOf(name), KillPatience, cancel);
        file.Write(Read().With(node with { Pid = null }));
        return node;
    }

    /// <summary>Stops what runs, gracefully and all at once.</summary>
    /// <param name="cancel">Cancelling it ends the patience: what still runs is killed.</param>
    /// <returns>The nodes that ran.</returns>
    public async Task<IReadOnlyList<LocalNode>> StopAllAsync(CancellationToken cancel)
    {
        using var held = await file.LockAsync(CancellationToken.None);
        var formation = Read();
        var running = formation.Running.ToArray();
        await Task.WhenAll(running.Select(node => EndAsync(node, cancel)));
        file.Write(formation with { Nodes = [.. formation.Nodes.Select(node => node with { Pid = null })] });
        return running;
    }

    /// <summary>The first node whose process has ended although it should run.</summary>
    public LocalNode? FindDead(FormationDocument formation) =>
        formation.Running.FirstOrDefault(node => !NodeProcess.IsNode(node.Pid!.Value, file.DataOf(node.Name)));

    /// <summary>The end of a node's log, for a person who must find out why it died.</summary>
    public string TailOfLog(string node)
    {
        try
        {
            var lines = System.IO.File.ReadLines(file.LogOf(node)).TakeLast(LogLines).ToArray();
            return lines.Length == 0 ? "(its log is empty)" : string.Join(Environment.NewLine, lines);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"(its log cannot be read: {e.Message})";
        }
    }

    private FormationDocument Launch(FormationDocument plan, NodeProgram program)
    {
        var formation = plan;
        try
        {
            foreach (var node in plan.Nodes)
            {
                using var process = NodeProcess.Start(program, file.LogOf(node.Name), Arguments(program, plan, node));
                formation = formation.With(node with { Pid = process.Id });
                // After each one: should this program die now, `down` still finds what it has started.
                file.Write(formation);
            }

            return formation;
        }
        catch (CommandException)
        {
            foreach (var node in formation.Running)
                NodeProcess.Kill(node.Pid!.Value, file.DataOf(node.Name));
            throw;
        }
    }

    private IReadOnlyList<string> Arguments(NodeProgram program, FormationDocument formation, LocalNode node) =>
        NodeArguments.Build(program, formation, node, file.DataOf(node.Name));

    private async Task EndAsync(LocalNode node, CancellationToken cancel)
    {
        var (pid, data) = (node.Pid!.Value, file.DataOf(node.Name));
        NodeProcess.Terminate(pid, data);
        try
        {
            if (await NodeProcess.WaitForExitAsync(pid, data, StopPatience, cancel))
                return;
        }
        catch (OperationCanceledException)
        {
            // The user has asked twice; what follows is the short way.
        }

        NodeProcess.Kill(pid, data);
        await NodeProcess.WaitForExitAsync(pid, data, KillPatience, CancellationToken.None);
    }

    private async Task WaitUntilItAnswersAsync(LocalNode node, CancellationToken cancel)
    {
        using var client = new FormationClient([node.Endpoint]);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(StartPatience);
        try
        {
            while (await client.AskAsync(node.Endpoint, "/liveness", PollEvery * 4, patience.Token) is null)
            {
                if (!NodeProcess.IsNode(node.Pid!.Value, file.DataOf(node.Name)))
                    throw new CommandException(
                        $"{node.Name} ended at once; the end of {file.LogOf(node.Name)}:{Environment.NewLine}{TailOfLog(node.Name)}"
                    );
                await Task.Delay(PollEvery, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{node.Name} was started (process {node.Pid}) but does not answer at {node.Http}; see {file.LogOf(node.Name)}"
                )
            );
        }
    }

    private static void RefuseTakenPorts(LocalNode node)
    {
        foreach (var (port, what) in new[] { (node.HttpPort, "HTTP"), (node.RemotePort, "remoting") })
            if (!PortFinder.IsFree(port))
                throw new CommandException(
                    $"port {port}, the {what} port of {node.Name}, is in use by another program"
                );
    }

    private LocalNode FindRunning(string name)
    {
        var node = Find(Read(), name);
        return node.Pid is null ? throw new CommandException($"{name} does not run") : node;
    }

    private static LocalNode Find(FormationDocument formation, string name) =>
        formation.Find(name)
        ?? throw new CommandException(
            $"no node '{name}' in this formation; it has {string.Join(", ", formation.Nodes.Select(node => node.Name))}"
        );

    // With --fresh a damaged file is one more thing to throw away.
    private FormationDocument? TryReadLoosely()
    {
        try
        {
            return TryRead();
        }
        catch (CommandException)
        {
            return null;
        }
    }

    private FormationDocument WithoutTheDead(FormationDocument formation) =>
        formation with
        {
            Nodes =
            [
                .. formation.Nodes.Select(node =>
                    node.Pid is { } pid && !NodeProcess.IsNode(pid, file.DataOf(node.Name))
                        ? node with
                        {
                            Pid = null,
                        }
                        : node
                ),
            ],
        };
}
