using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote;
using Akka.Serialization;

namespace Akka.Cluster.Tools.Client;

/// <summary>The messages of clients and receptionists as bytes; what they carry goes through its own serializer.</summary>
internal sealed class ClusterClientMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const int MostPaths = 100_000;

    public override string Manifest(object o) =>
        o switch
        {
            ClusterClient.Send => "S",
            ClusterClient.SendToAll => "SA",
            ClientProtocol.GetContacts => "GC",
            ClientProtocol.Contacts => "C",
            ClientProtocol.Heartbeat => "HB",
            ClientProtocol.HeartbeatResponse => "HBR",
            ClientProtocol.ReceptionistShutdown => "RS",
            ClientProtocol.Services => "SV",
            _ => throw new NotSupportedException($"{o.GetType()} is not sent to or by cluster clients"),
        };

    public override byte[] ToBinary(object obj)
    {
        var bytes = new FrameWriter(256);
        switch (obj)
        {
            case ClusterClient.Send send:
                bytes.String(send.Path);
                bytes.Byte(send.LocalAffinity ? (byte)1 : (byte)0);
                NestedMessage.Write(bytes, system, send.Message);
                break;
            case ClusterClient.SendToAll send:
                bytes.String(send.Path);
                NestedMessage.Write(bytes, system, send.Message);
                break;
            case ClientProtocol.Contacts contacts:
                Write(bytes, contacts.Paths);
                break;
            case ClientProtocol.Services services:
                bytes.String(services.From.Address.ToString());
                bytes.Int32(services.From.Uid);
                bytes.Varint((ulong)services.Version);
                bytes.Byte(services.WantsAnswer ? (byte)1 : (byte)0);
                Write(bytes, services.Paths);
                break;
        }

        return bytes.Written.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new FrameReader(bytes);
        switch (manifest)
        {
            case "S":
                var path = reader.String();
                var localAffinity = reader.Byte() != 0;
                return new ClusterClient.Send(path, NestedMessage.Read(ref reader, system), localAffinity);
            case "SA":
                return new ClusterClient.SendToAll(reader.String(), NestedMessage.Read(ref reader, system));
            case "GC":
                return new ClientProtocol.GetContacts();
            case "C":
                return new ClientProtocol.Contacts(ReadPaths(ref reader));
            case "HB":
                return new ClientProtocol.Heartbeat();
            case "HBR":
                return new ClientProtocol.HeartbeatResponse();
            case "RS":
                return new ClientProtocol.ReceptionistShutdown();
            case "SV":
                var from = new UniqueAddress(Address.Parse(reader.String()), reader.Int32());
                var version = (long)reader.Varint();
                var wantsAnswer = reader.Byte() != 0;
                return new ClientProtocol.Services(from, version, ReadPaths(ref reader), wantsAnswer);
            default:
                throw new SerializationException($"No message of cluster clients has the manifest [{manifest}]");
        }
    }

    private static void Write(FrameWriter bytes, ImmutableArray<string> paths)
    {
        bytes.Varint((ulong)paths.Length);
        foreach (var path in paths)
            bytes.String(path);
    }

    private static ImmutableArray<string> ReadPaths(ref FrameReader reader)
    {
        var paths = ImmutableArray.CreateBuilder<string>();
        for (var count = reader.Number(MostPaths); count > 0; count--)
            paths.Add(reader.String());
        return paths.ToImmutable();
    }
}
