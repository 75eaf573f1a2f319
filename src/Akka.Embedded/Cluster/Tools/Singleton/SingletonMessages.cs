using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Cluster.Gossiping;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Marks what singleton managers say to each other.</summary>
public interface IClusterSingletonMessage;

/// <summary>Stop your instance and tell me when it is gone: I am next.</summary>
internal sealed record HandOverToMe(UniqueAddress From, UniqueAddress To)
    : IClusterSingletonMessage,
        IDeadLetterSuppression;

/// <summary>My instance is gone and I will not start another.</summary>
internal sealed record HandOverDone(UniqueAddress From) : IClusterSingletonMessage, IDeadLetterSuppression;

/// <summary>The managers' messages as bytes.</summary>
internal sealed class ClusterSingletonMessageSerializer(ExtendedActorSystem system)
    : SerializerWithStringManifest(system)
{
    public override string Manifest(object o) =>
        o switch
        {
            HandOverToMe => "A",
            HandOverDone => "B",
            _ => throw new NotSupportedException($"{o.GetType()} is not sent between singleton managers"),
        };

    public override byte[] ToBinary(object obj)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        switch (obj)
        {
            case HandOverToMe ask:
                writer.WriteNode(ask.From);
                writer.WriteNode(ask.To);
                break;
            case HandOverDone done:
                writer.WriteNode(done.From);
                break;
            default:
                throw new NotSupportedException($"{obj.GetType()} is not sent between singleton managers");
        }

        writer.Flush();
        return stream.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        return manifest switch
        {
            "A" => new HandOverToMe(reader.ReadNode(), reader.ReadNode()),
            "B" => new HandOverDone(reader.ReadNode()),
            _ => throw new SerializationException($"No singleton message has the manifest [{manifest}]"),
        };
    }
}
