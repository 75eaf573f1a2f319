using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;

namespace Failover.Messages;

/// <summary>Turns <see cref="IWireMessage"/>s into protobuf and back. The manifest chooses the parser; no type is ever loaded by name.</summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string ReplicaManifest = "R";
    private const string RegisterManifest = "V";
    private const string CommittedManifest = "C";
    private const string WantedManifest = "W";
    private const string IntroductionManifest = "I";
    private const string RequestManifest = "Q";
    private const string AnswerManifest = "A";
    private const string MapPartManifest = "M";
    private const string MoreOfMapManifest = "N";
    private const string StepAsideManifest = "S";
    private const string SteppedAsideManifest = "T";

    public override int Identifier => 7301;

    public override string Manifest(object o) =>
        o switch
        {
            ReplicaEnvelope => ReplicaManifest,
            RegisterEnvelope => RegisterManifest,
            StateCommitted => CommittedManifest,
            StateWanted => WantedManifest,
            Introduction => IntroductionManifest,
            Request => RequestManifest,
            Answer => AnswerManifest,
            MapPart => MapPartManifest,
            MoreOfMap => MoreOfMapManifest,
            StepAside => StepAsideManifest,
            SteppedAside => SteppedAsideManifest,
            _ => throw new SerializationException($"{o.GetType()} is not a wire message"),
        };

    public override byte[] ToBinary(object obj) =>
        obj switch
        {
            ReplicaEnvelope m => ReplicaCodec.ToWire(m).ToByteArray(),
            RegisterEnvelope m => RegisterCodec.ToWire(m).ToByteArray(),
            StateCommitted m => new Wire.StateCommittedPb { State = StateCodec.ToWire(m.State) }.ToByteArray(),
            StateWanted m => new Wire.StateWantedPb { From = m.From.Value }.ToByteArray(),
            Introduction m => IntroductionCodec.ToWire(m).ToByteArray(),
            Request m => RequestCodec.ToWire(m).ToByteArray(),
            Answer m => RequestCodec.ToWire(m).ToByteArray(),
            MapPart m => RequestCodec.ToWire(m).ToByteArray(),
            MoreOfMap m => new Wire.MoreOfMapPb { Id = m.Id }.ToByteArray(),
            StepAside m => AsideCodec.ToWire(m.From, m.Epoch).ToByteArray(),
            SteppedAside m => AsideCodec.ToWire(m.From, m.Epoch).ToByteArray(),
            _ => throw new SerializationException($"{obj.GetType()} is not a wire message"),
        };

    /// <exception cref="SerializationException">The manifest or the bytes are not of this protocol.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                ReplicaManifest => ReplicaCodec.FromWire(Wire.ReplicaEnvelopePb.Parser.ParseFrom(bytes)),
                RegisterManifest => RegisterCodec.FromWire(Wire.RegisterEnvelopePb.Parser.ParseFrom(bytes)),
                CommittedManifest => new StateCommitted(
                    StateCodec.FromWire(Wire.StateCommittedPb.Parser.ParseFrom(bytes).State)
                ),
                WantedManifest => new StateWanted(new(Wire.StateWantedPb.Parser.ParseFrom(bytes).From)),
                IntroductionManifest => IntroductionCodec.FromWire(Wire.IntroductionPb.Parser.ParseFrom(bytes)),
                RequestManifest => RequestCodec.FromWire(Wire.RequestPb.Parser.ParseFrom(bytes)),
                AnswerManifest => RequestCodec.FromWire(Wire.AnswerPb.Parser.ParseFrom(bytes)),
                MapPartManifest => RequestCodec.FromWire(Wire.MapPartPb.Parser.ParseFrom(bytes)),
                MoreOfMapManifest => new MoreOfMap(Wire.MoreOfMapPb.Parser.ParseFrom(bytes).Id),
                StepAsideManifest => AsideCodec.Asked(Wire.AsidePb.Parser.ParseFrom(bytes)),
                SteppedAsideManifest => AsideCodec.Done(Wire.AsidePb.Parser.ParseFrom(bytes)),
                _ => throw new SerializationException($"unknown manifest '{manifest}'"),
            };
        }
        catch (Exception malformed)
            when (malformed is InvalidProtocolBufferException or ArgumentException or NullReferenceException)
        {
            // Absent parts of a message that must be there surface as null; a peer can only send them by mistake or malice.
            throw new SerializationException($"malformed message '{manifest}': {malformed.Message}", malformed);
        }
    }
}
