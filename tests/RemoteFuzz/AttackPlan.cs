using Akka.Actor;
using Akka.Remote;

namespace Failover.RemoteFuzz;

/// <summary>The choices of one attacker, all from its seed.</summary>
internal sealed class AttackPlan(FuzzSystems systems, IReadOnlyList<Recording> recordings, Random random)
{
    // The engine's, the cluster's and the product's own messages; but for those that stop or kill, which would.
    private static readonly (int Serializer, string Manifest)[] Templates =
    [
        .. Manifests(17, "S", "I", "L", "B", "D"),
        .. Manifests(16, "SEL", "ID", "AID", "OK", "ERR", "REF", "DONE"),
        .. Manifests(5, "HB", "HBR", "GE", "W", "J", "IJ", "IJA", "IJN", "EC"),
        .. Manifests(7301, "R", "V", "C", "W", "I", "Q", "A", "M", "N"),
        (4, ""),
    ];

    private readonly ActorSystem _foreign = systems.Foreign[random.Next(systems.Foreign.Length)];

    public Lane Lane => random.Next(2) == 0 ? Lane.Control : Lane.Messages;

    public ActorSystem Peer => systems.Peer;

    public Address PeerAddress => FuzzSystems.AddressOf(systems.Peer);

    public int PeerUid => FuzzSystems.RemotingOf(systems.Peer).Uid;

    /// <summary>The system in whose name this attacker is let in.</summary>
    public ActorSystem Foreign => _foreign;

    public Address ForeignAddress => FuzzSystems.AddressOf(_foreign);

    public Address Self => ForeignAddress;

    public int Uid => FuzzSystems.RemotingOf(_foreign).Uid;

    public string SinkPath => FuzzSystems.AddressOf(systems.Victim) + "/user/sink";

    public int Number() => random.Next(int.MinValue, int.MaxValue);

    public int Below(int limit) => random.Next(limit);

    public bool OneIn(int count) => random.Next(count) == 0;

    public (int Serializer, string Manifest) Known() => Templates[random.Next(Templates.Length)];

    public byte[] Bytes(int least, int most)
    {
        var bytes = new byte[random.Next(least, most + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A text as a manifest might be, or the name of a class.</summary>
    public string Text() =>
        OneIn(3)
            ? "System.Diagnostics.Process, System.Diagnostics.Process"
            : new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next(32, 0x2FF))]);

    public int OddLength() => OneIn(2) ? random.Next(int.MinValue, 1) : random.Next(200_000, int.MaxValue);

    public Address MadeUpAddress() =>
        new(PeerAddress.Protocol, $"made-up-{random.Next()}", "127.0.0.1", random.Next(1, 1024));

    public byte[] Cut(byte[] frame) => frame[..random.Next(1, frame.Length)];

    /// <summary>A few bits or bytes are not what they were; the length before the frame mostly is.</summary>
    public byte[] Mutated(byte[] frame)
    {
        var mutated = (byte[])frame.Clone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(OneIn(10) ? 0 : 4, mutated.Length);
            mutated[at] = OneIn(2) ? (byte)(mutated[at] ^ (1 << random.Next(8))) : (byte)random.Next(256);
        }

        return mutated;
    }

    public Recording Recorded(Lane lane) => recordings.First(each => each.Lane == lane);

    private static IEnumerable<(int, string)> Manifests(int serializer, params string[] manifests) =>
        manifests.Select(manifest => (serializer, manifest));
}
