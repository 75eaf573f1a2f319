using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Cluster.Gossiping;
using Akka.Serialization;
using Akka.Util;

namespace Akka.Cluster.Node;

/// <summary>The cluster's messages as bytes, each kind under a short name of its own.</summary>
internal sealed class ClusterMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override string Manifest(object o) =>
        o switch
        {
            ClusterMessage.Heartbeat => "HB",
            ClusterMessage.HeartbeatResponse => "HBR",
            ClusterMessage.GossipEnvelope => "GE",
            ClusterMessage.Welcome => "W",
            ClusterMessage.Join => "J",
            ClusterMessage.InitJoin => "IJ",
            ClusterMessage.InitJoinAck => "IJA",
            ClusterMessage.InitJoinNack => "IJN",
            ClusterMessage.ExitingConfirmed => "EC",
            _ => throw new NotSupportedException($"{o.GetType()} is not sent between cluster nodes"),
        };

    public override byte[] ToBinary(object obj)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        Write(writer, obj);
        writer.Flush();
        return stream.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        return manifest switch
        {
            "HB" => new ClusterMessage.Heartbeat(reader.ReadNode(), reader.ReadInt64(), reader.ReadBoolean()),
            "HBR" => new ClusterMessage.HeartbeatResponse(reader.ReadNode()),
            "GE" => new ClusterMessage.GossipEnvelope(reader.ReadNode(), reader.ReadNode(), ReadGossip(reader, bytes)),
            "W" => new ClusterMessage.Welcome(reader.ReadNode(), reader.ReadNode(), ReadGossip(reader, bytes)),
            "J" => new ClusterMessage.Join(
                reader.ReadNode(),
                reader.ReadRoles(),
                AppVersion.Create(reader.ReadString())
            ),
            "IJ" => new ClusterMessage.InitJoin(reader.ReadAddress()),
            "IJA" => new ClusterMessage.InitJoinAck(reader.ReadAddress()),
            "IJN" => new ClusterMessage.InitJoinNack(reader.ReadAddress()),
            "EC" => new ClusterMessage.ExitingConfirmed(reader.ReadNode()),
            _ => throw new SerializationException($"No cluster message has the manifest [{manifest}]"),
        };
    }

    private static void Write(BinaryWriter writer, object message)
    {
        switch (message)
        {
            case ClusterMessage.Heartbeat heartbeat:
                writer.WriteNode(heartbeat.From);
                writer.Write(heartbeat.Digest);
                writer.Write(heartbeat.IsAnswered);
                break;
            case ClusterMessage.HeartbeatResponse response:
                writer.WriteNode(response.From);
                break;
            case ClusterMessage.GossipEnvelope envelope:
                writer.WriteNode(envelope.From);
                writer.WriteNode(envelope.To);
                writer.Write(GossipCodec.ToBytes(envelope.Gossip));
                break;
            case ClusterMessage.Welcome welcome:
                writer.WriteNode(welcome.From);
                writer.WriteNode(welcome.To);
                writer.Write(GossipCodec.ToBytes(welcome.Gossip));
                break;
            case ClusterMessage.Join join:
                writer.WriteNode(join.Node);
                writer.WriteRoles(join.Roles);
                writer.Write(join.AppVersion.Version);
                break;
            case ClusterMessage.InitJoin init:
                writer.WriteAddress(init.From);
                break;
            case ClusterMessage.InitJoinAck ack:
                writer.WriteAddress(ack.From);
                break;
            case ClusterMessage.InitJoinNack nack:
                writer.WriteAddress(nack.From);
                break;
            case ClusterMessage.ExitingConfirmed confirmed:
                writer.WriteNode(confirmed.Node);
                break;
            default:
                throw new NotSupportedException($"{message.GetType()} is not sent between cluster nodes");
        }
    }

    private static Gossip ReadGossip(BinaryReader reader, byte[] bytes) =>
        GossipCodec.FromBytes(bytes.AsMemory((int)reader.BaseStream.Position));
}
