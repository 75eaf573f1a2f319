using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Failover.Messages;

namespace Failover.Node.Pbm;

/// <summary>The <c>cluster</c> palette: membership as this node sees it, and what an operator may do about it.</summary>
internal sealed class ClusterPalette(ActorSystem system, TimeProvider time)
{
    private readonly Cluster _cluster = Cluster.Get(system);
    private long _tails;

    public IEnumerable<PbmCommand> Commands =>
        [
            Plain("show", "", "all members", words => None(words, Show)),
            Plain("status", "", "this node", words => None(words, Status)),
            Plain("leader", "", "the member that lets others in", words => None(words, Leader)),
            new("cluster", "tail", "", "all members, then every change as it happens", Tail) { IsLive = true },
            Plain("join", "ADDRESS", "make this node, a member of no cluster yet, join that one's", Join, true),
            Plain("leave", "", "make this node leave; its process ends", words => None(words, Leave), true),
            Plain("down", "ADDRESS", "declare a member dead", Down, true),
            Plain(
                "down-unreachable",
                "",
                "declare all unreachable members dead",
                words => None(words, DownUnreachable),
                true
            ),
        ];

    private bool IsMember => _cluster.State.Members.Any(m => m.UniqueAddress.Equals(_cluster.SelfUniqueAddress));

    private static PbmCommand Plain(
        string name,
        string parameters,
        string description,
        Func<ImmutableArray<string>, IEnumerable<string>> run,
        bool changes = false
    ) =>
        new("cluster", name, parameters, description, (words, _) => run(words).ToAsyncEnumerable())
        {
            Changes = changes,
        };

    private static IEnumerable<string> None(ImmutableArray<string> words, Func<IEnumerable<string>> run)
    {
        PbmWords.None(words);
        return run();
    }

    private IEnumerable<string> Show() => MemberLine.All(_cluster.State);

    private IEnumerable<string> Status()
    {
        var self = _cluster.SelfMember;
        return [MemberLine.Of(self, _cluster.State.Unreachable.Contains(self))];
    }

    private IEnumerable<string> Leader() =>
        [_cluster.State.Leader?.ToString() ?? throw new PbmRefusal("the cluster has no leader now")];

    private IAsyncEnumerable<string> Tail(ImmutableArray<string> words, CancellationToken cancellation)
    {
        PbmWords.None(words);
        var name = $"pbm-cluster-tail-{Interlocked.Increment(ref _tails)}";
        return LiveLines.From(
            system,
            name,
            lines => ActorProps.From(() => new ClusterTail(_cluster, lines, time)),
            cancellation
        );
    }

    private IEnumerable<string> Join(ImmutableArray<string> words)
    {
        var address = AddressIn(words);
        if (address.System != system.Name)
            throw new PbmRefusal($"{address} is not of an actor system '{system.Name}'");
        if (IsMember)
            throw new PbmRefusal($"{_cluster.SelfAddress} is a member of a cluster already");
        _cluster.Join(address);
        return [$"{_cluster.SelfAddress} asks {address} to let it in"];
    }

    private IEnumerable<string> Leave()
    {
        if (!IsMember)
            throw new PbmRefusal($"{_cluster.SelfAddress} is not a member of a cluster");
        _cluster.Leave(_cluster.SelfAddress);
        return [$"{_cluster.SelfAddress} leaves"];
    }

    private IEnumerable<string> Down(ImmutableArray<string> words)
    {
        var address = AddressIn(words);
        if (!_cluster.State.Members.Any(member => member.Address == address))
            throw new PbmRefusal($"{address} is not a member of this cluster");
        return [Down(address)];
    }

    private IEnumerable<string> DownUnreachable()
    {
        var lines = _cluster.State.Unreachable.Select(member => member.Address).Order().Select(Down).ToArray();
        return [.. lines, PbmWords.Count(lines.Length, "node")];
    }

    private string Down(Address address)
    {
        _cluster.Down(address);
        return $"{address} is declared down";
    }

    private static Address AddressIn(ImmutableArray<string> words)
    {
        var word = PbmWords.One(words, "-a", "address");
        return Address.TryParse(word, out var address) && address.Port is not null
            ? address
            : throw new PbmRefusal($"'{word}' is not an address such as akka.tcp://failover@127.0.0.1:4053");
    }
}
