using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Gossiping;
using Akka.Cluster.Node;
using Akka.Util;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>Bytes that come under the name of a cluster message and are none.</summary>
public sealed class ClusterMessageGarbage : IAsyncLifetime
{
    private readonly ActorSystem _system = ActorSystem.Create("garbage");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Makes_a_message_or_an_exception_within_reasonable_memory(int seed)
    {
        var random = new Random(seed);
        var serializer = new ClusterMessageSerializer((ExtendedActorSystem)_system);
        var address = new Address("akka.tcp", "cluster", "127.0.0.1", 4053);
        var node = new UniqueAddress(address, 17);
        var gossip = SomeGossip();
        ClusterMessage[] messages =
        [
            new ClusterMessage.Heartbeat(node, 18, true),
            new ClusterMessage.HeartbeatResponse(node),
            new ClusterMessage.GossipEnvelope(node, node, gossip),
            new ClusterMessage.Welcome(node, node, gossip),
            new ClusterMessage.Join(node, ["data", "monitor"], AppVersion.Create("1.2.3")),
            new ClusterMessage.InitJoin(address),
            new ClusterMessage.ExitingConfirmed(node),
        ];

        var refused = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
        {
            var message = messages[random.Next(messages.Length)];
            var bytes = Garbled(serializer.ToBinary(message), random);
            try
            {
                Assert.IsAssignableFrom<ClusterMessage>(serializer.FromBinary(bytes, serializer.Manifest(message)));
            }
            catch (Exception e)
                when (e
                        is SerializationException
                            or InvalidDataException
                            or IOException
                            or ArgumentException
                            or FormatException
                )
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 20_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    private static Gossip SomeGossip()
    {
        var members = Enumerable
            .Range(1, 4)
            .Select(i => new UniqueAddress(new Address("akka.tcp", "cluster", "127.0.0.1", 4000 + i), i))
            .Select((node, i) => new Member(node, i, MemberStatus.Up, ["data"], AppVersion.Create("1.0.0")))
            .ToImmutableSortedDictionary(static member => member.UniqueAddress, static member => member);
        var nodes = members.Keys.ToArray();
        return new Gossip(
            members,
            Reachability.FromRows([new(nodes[0], new Reachability.Row(3, [nodes[1], nodes[2]]))]),
            ImmutableDictionary<UniqueAddress, Tombstone>.Empty,
            [nodes[0], nodes[3]]
        );
    }

    private static byte[] Garbled(byte[] bytes, Random random)
    {
        if (random.Next(4) == 0)
            return bytes[..random.Next(bytes.Length)];
        for (var changes = random.Next(1, 5); changes > 0; changes--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }
}
