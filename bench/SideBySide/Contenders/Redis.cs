using Failover.Bench.SideBySide.Clients;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>Three Redis servers, one of them the primary, each with a Sentinel beside it.</summary>
/// <param name="parent">Where its directories are made.</param>
/// <param name="settings">What differs from Redis's defaults.</param>
/// <param name="stop">See <see cref="Contender"/>.</param>
internal sealed class Redis(string parent, RedisSettings settings, CancellationToken stop) : Contender(stop)
{
    private const int Copies = 3;
    private const int KeysPerQuestion = 500;

    private readonly List<Server> _servers = [];
    private readonly List<Server> _sentinels = [];
    private string _directory = "";
    private int[] _ports = [];
    private int[] _sentinelPorts = [];

    public override int Servers => Copies;

    public override async Task Start()
    {
        _directory = Directory.CreateDirectory(Path.Combine(parent, $"redis-{Guid.NewGuid():N}")).FullName;
        var ports = FreePorts.Take(Copies * 2);
        _ports = ports[..Copies];
        _sentinelPorts = ports[Copies..];
        for (var i = 0; i < Copies; i++)
            _servers.Add(StartServer(i));
        // A Sentinel asks for replicas as it starts, and then only every ten seconds.
        await Until(
                async cancellation =>
                    await Leads(_ports[0], Copies - 1, cancellation).ConfigureAwait(false) ? true : default(bool?),
                "two replicas"
            )
            .ConfigureAwait(false);
        for (var i = 0; i < Copies; i++)
            _sentinels.Add(StartSentinel(i));
        await Leader().ConfigureAwait(false);
    }

    public override IStoreClient Connect(int server) => new RedisClient(_ports[server], settings.Waits);

    /// <summary>Once every Sentinel knows the others and both replicas, and both replicas are in step.</summary>
    public override async Task<int> Leader()
    {
        var port = await Until(Primary, "a primary with two replicas, known to three Sentinels").ConfigureAwait(false);
        return Array.IndexOf(_ports, port);
    }

    public override int ProcessOf(int server) => _servers[server].Pid;

    public override IEnumerable<int> Processes => _servers.Concat(_sentinels).Select(s => s.Pid);

    /// <summary>
    /// Begins anew. Sentinel would take the old primary back by itself, but some ten seconds later, and would then not
    /// replace the same primary again before twice its failover-timeout.
    /// </summary>
    public override async Task Heal(int server, bool killed)
    {
        await DisposeAsync().ConfigureAwait(false);
        Stop.ThrowIfCancellationRequested();
        await Start().ConfigureAwait(false);
    }

    /// <summary>
    /// Asks the primary that all three Sentinels name: for a second or two some of them still name the old one, and once it is
    /// thawed it answers, too.
    /// </summary>
    public override async Task<int> Missing(IReadOnlyCollection<string> keys, int lost)
    {
        var port = await Until(
                async cancellation =>
                    await Named(cancellation).ConfigureAwait(false) is { } named
                    && named != _ports[lost]
                    && await Leads(named, replicas: 0, cancellation).ConfigureAwait(false)
                        ? named
                        : default(int?),
                "another primary, known to three Sentinels"
            )
            .ConfigureAwait(false);
        using var primary = new RespConnection(port);
        var missing = keys.Count;
        foreach (var some in keys.Chunk(KeysPerQuestion))
        {
            var there = await primary.Send(["EXISTS", .. some], CancellationToken.None).ConfigureAwait(false);
            missing -= there is RespReply.Number { Value: var count }
                ? (int)count
                : throw new InvalidOperationException($"EXISTS: {there}");
        }

        return missing;
    }

    public override string LastWords() => string.Concat(_servers.Concat(_sentinels).Select(s => s.LastWords()));

    public override async ValueTask DisposeAsync()
    {
        // The Sentinels first: they need not see the servers go.
        foreach (var process in _sentinels.Concat(_servers))
            process.Dispose();
        _sentinels.Clear();
        _servers.Clear();
        if (Directory.Exists(_directory))
            await Task.Run(() => Directory.Delete(_directory, recursive: true)).ConfigureAwait(false);
    }

    private Server StartServer(int number)
    {
        string[] replicates = number == 0 ? [] : [$"replicaof 127.0.0.1 {_ports[0]}"];
        return StartProcess(
            $"server{number}",
            [
                .. settings.Persistence,
                $"port {_ports[number]}",
                // A replica's first copy begins at once instead of waiting 5 s for others that may want one, too.
                "repl-diskless-sync-delay 0",
                .. replicates,
            ]
        );
    }

    private Server StartSentinel(int number) =>
        StartProcess(
            $"sentinel{number}",
            [
                $"port {_sentinelPorts[number]}",
                $"sentinel monitor formation 127.0.0.1 {_ports[0]} 2",
                $"sentinel down-after-milliseconds formation {settings.DownAfterMilliseconds}",
            ],
            "--sentinel"
        );

    private Server StartProcess(string name, string[] configuration, params string[] options)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_directory, name)).FullName;
        var file = Path.Combine(directory, "redis.conf");
        File.WriteAllLines(file, ["bind 127.0.0.1", $"dir {directory}", .. configuration]);
        var process = new Server(Path.Combine(_directory, $"{name}.log"), "redis-server", [file, .. options]);
        process.Start();
        return process;
    }

    private async Task<int?> Primary(CancellationToken cancellation)
    {
        foreach (var port in _sentinelPorts)
        {
            using var sentinel = new RespConnection(port);
            var formation = await sentinel
                .Send(["SENTINEL", "MASTER", "formation"], cancellation)
                .ConfigureAwait(false);
            if (
                formation is not RespReply.List master
                || master["num-slaves"] != "2"
                || master["num-other-sentinels"] != "2"
                || master["flags"] != "master"
            )
                return null;
        }

        return
            await Named(cancellation).ConfigureAwait(false) is { } primary
            && await Leads(primary, replicas: Copies - 1, cancellation).ConfigureAwait(false)
            ? primary
            : null;
    }

    /// <summary>The primary, if all Sentinels name the same one.</summary>
    private async Task<int?> Named(CancellationToken cancellation)
    {
        var named = new HashSet<int?>();
        foreach (var sentinel in _sentinelPorts)
            named.Add(await NamedBy(sentinel, cancellation).ConfigureAwait(false));
        return named.Count == 1 ? named.Single() : null;
    }

    private static async Task<int?> NamedBy(int sentinelPort, CancellationToken cancellation)
    {
        using var sentinel = new RespConnection(sentinelPort);
        var address = await sentinel
            .Send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "formation"], cancellation)
            .ConfigureAwait(false);
        return address is RespReply.List { Items: [_, RespReply.Text { Value: { } port }] }
            ? int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)
            : null;
    }

    private static async Task<bool> Leads(int port, int replicas, CancellationToken cancellation)
    {
        using var server = new RespConnection(port);
        var role = await server.Send(["ROLE"], cancellation).ConfigureAwait(false);
        return role is RespReply.List { Items: [RespReply.Text { Value: "master" }, _, RespReply.List connected] }
            && connected.Items.Count >= replicas;
    }
}
