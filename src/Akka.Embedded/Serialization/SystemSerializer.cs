using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote;

namespace Akka.Serialization;

/// <summary>The engine's own messages: selections, identification, outcomes, references.</summary>
/// <remarks>
/// What they carry goes through the serializer of its own type. An exception arrives as an
/// <see cref="RemoteFailureException"/> with its text: no class is made by a name from the network.
/// </remarks>
internal sealed class SystemSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Selection = "SEL";
    private const string IdentifyManifest = "ID";
    private const string Identity = "AID";
    private const string Poison = "PP";
    private const string KillManifest = "K";
    private const string Succeeded = "OK";
    private const string FailedManifest = "ERR";
    private const string Reference = "REF";
    private const string DoneManifest = "DONE";

    private const int LongestPattern = 256;

    public override string Manifest(object o) =>
        o switch
        {
            ActorSelectionMessage => Selection,
            Identify => IdentifyManifest,
            ActorIdentity => Identity,
            PoisonPill => Poison,
            Kill => KillManifest,
            Status.Success => Succeeded,
            Status.Failure => FailedManifest,
            IActorRef => Reference,
            Done => DoneManifest,
            _ => throw new NotSupportedException($"{o.GetType()} is none of the engine's messages"),
        };

    public override byte[] ToBinary(object obj)
    {
        var bytes = new FrameWriter(256);
        switch (obj)
        {
            case ActorSelectionMessage selection:
                Write(bytes, selection);
                break;
            case Identify identify:
                NestedMessage.Write(bytes, system, identify.MessageId);
                break;
            case ActorIdentity identity:
                NestedMessage.Write(bytes, system, identity.MessageId);
                bytes.String(Serialization.SerializedActorPath(identity.Subject));
                break;
            case Status.Success success:
                NestedMessage.Write(bytes, system, success.Status);
                break;
            case Status.Failure failure:
                bytes.String(failure.Cause.GetType().FullName ?? "");
                bytes.String(failure.Cause.Message);
                break;
            case IActorRef reference:
                bytes.String(Serialization.SerializedActorPath(reference));
                break;
        }

        return bytes.Written.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var reader = new FrameReader(bytes);
        switch (manifest)
        {
            case Selection:
                return ReadSelection(ref reader);
            case IdentifyManifest:
                return new Identify(NestedMessage.Read(ref reader, system));
            case Identity:
                var id = NestedMessage.Read(ref reader, system);
                var path = reader.String();
                return new ActorIdentity(id, path.Length == 0 ? null : system.Provider.ResolveActorRef(path));
            case Poison:
                return PoisonPill.Instance;
            case KillManifest:
                return Kill.Instance;
            case Succeeded:
                return new Status.Success(NestedMessage.Read(ref reader, system));
            case FailedManifest:
                return new Status.Failure(new RemoteFailureException(reader.String(), reader.String()));
            case Reference:
                return system.Provider.ResolveActorRef(reader.String());
            case DoneManifest:
                return Done.Instance;
            default:
                throw new SerializationException($"The engine has no message with the manifest [{manifest}]");
        }
    }

    private void Write(FrameWriter bytes, ActorSelectionMessage selection)
    {
        bytes.Byte(selection.WildCardFanOut ? (byte)1 : (byte)0);
        bytes.Varint((ulong)selection.Elements.Length);
        foreach (var element in selection.Elements)
        {
            switch (element)
            {
                case SelectChildName child:
                    bytes.Byte(1);
                    bytes.String(child.Name);
                    break;
                case SelectChildPattern pattern:
                    bytes.Byte(2);
                    bytes.String(pattern.PatternStr);
                    break;
                default:
                    bytes.Byte(3);
                    break;
            }
        }

        NestedMessage.Write(bytes, system, selection.Message);
    }

    private ActorSelectionMessage ReadSelection(ref FrameReader reader)
    {
        var fanOut = reader.Byte() != 0;
        var elements = new SelectionPathElement[reader.Number(256)];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = reader.Byte() switch
            {
                1 => new SelectChildName(reader.String()),
                2 => ReadPattern(reader.String()),
                3 => new SelectParent(),
                var kind => throw new SerializationException($"A selection has the unknown step {kind}"),
            };
        }

        return new ActorSelectionMessage(NestedMessage.Read(ref reader, system), elements, fanOut);
    }

    private static SelectChildPattern ReadPattern(string pattern) =>
        pattern.Length <= LongestPattern
            ? new SelectChildPattern(pattern)
            : throw new SerializationException($"A selection's pattern has {pattern.Length} characters");
}

/// <summary>An exception that another system sent: its class only as text.</summary>
internal sealed class RemoteFailureException(string className, string message)
    : AkkaException($"{className}: {message}");
