using Failover.Bench.SideBySide.Clients;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>Three members of etcd.</summary>
/// <param name="parent">Where its directory is made.</param>
/// <param name="options">What differs from etcd's defaults.</param>
/// <param name="stop">See <see cref="Contender"/>.</param>
internal sealed class Etcd(string parent, string[] options, CancellationToken stop) : Contender(stop)
{
    private const int Members = 3;

    private readonly string _directory = Directory
        .CreateDirectory(Path.Combine(parent, $"etcd-{Guid.NewGuid():N}"))
        .FullName;
    private readonly List<Server> _members = [];
    private int[] _ports = [];

    public override int Servers => Members;

    public override async Task Start()
    {
        var ports = FreePorts.Take(Members * 2);
        _ports = ports[..Members];
        var peers = ports[Members..].Select(port => $"http://127.0.0.1:{port}").ToArray();
        var cluster = string.Join(',', peers.Select((peer, i) => $"m{i}={peer}"));
        for (var i = 0; i < Members; i++)
        {
            var client = $"http://127.0.0.1:{_ports[i]}";
            string[] arguments =
            [
                $"--name=m{i}",
                $"--data-dir={Path.Combine(_directory, $"m{i}")}",
                $"--listen-client-urls={client}",
                $"--advertise-client-urls={client}",
                $"--listen-peer-urls={peers[i]}",
                $"--initial-advertise-peer-urls={peers[i]}",
                $"--initial-cluster={cluster}",
                "--logger=zap",
                .. options,
            ];
            _members.Add(new Server(Path.Combine(_directory, $"m{i}.log"), "etcd", arguments));
            _members[i].Start();
        }

        await Leader().ConfigureAwait(false);
    }

    public override IStoreClient Connect(int server) => Client(server);

    /// <summary>Once all three name the same one.</summary>
    public override async Task<int> Leader()
    {
        var members = Enumerable.Range(0, Members).Select(Client).ToArray();
        try
        {
            return await Until(cancellation => AgreedLeader(members, cancellation), "one leader, known to all members")
                .ConfigureAwait(false);
        }
        finally
        {
            foreach (var member in members)
                member.Dispose();
        }
    }

    public override int ProcessOf(int server) => _members[server].Pid;

    public override IEnumerable<int> Processes => _members.Select(m => m.Pid);

    public override Task Heal(int server, bool killed)
    {
        if (killed)
            _members[server].Start();
        return Task.CompletedTask;
    }

    /// <summary>Any member will do: reads are linearizable.</summary>
    public override async Task<int> Missing(IReadOnlyCollection<string> keys, int lost)
    {
        for (var i = 0; i < Members; i++)
        {
            using var patience = new CancellationTokenSource(Patience / Members);
            using var client = Client(i);
            try
            {
                var there = await client.Keys(patience.Token).ConfigureAwait(false);
                return keys.Count(key => !there.Contains(key));
            }
            catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
            {
                // The one that was killed.
            }
        }

        throw new TimeoutException("no member reads");
    }

    public override string LastWords() => string.Concat(_members.Select(m => m.LastWords()));

    public override async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
            member.Dispose();
        await Task.Run(() => Directory.Delete(_directory, recursive: true)).ConfigureAwait(false);
    }

    private static async Task<int?> AgreedLeader(EtcdClient[] members, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(members.Select(m => m.Status(cancellation))).ConfigureAwait(false);
        var leader = answers[0].Leader;
        return leader != 0 && answers.All(a => a.Leader == leader)
            ? Array.FindIndex(answers, a => a.Self == leader)
            : null;
    }

    private EtcdClient Client(int member) => new(_ports[member]);
}
