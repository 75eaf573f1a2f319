using Failover.Core;
using Failover.Core.Replication;
using Failover.Messages.Wire;

namespace Failover.Messages;

internal static class ReplicaCodec
{
    public static ReplicaEnvelopePb ToWire(ReplicaEnvelope envelope)
    {
        var wire = new ReplicaEnvelopePb
        {
            Partition = envelope.Partition.Value,
            From = envelope.From.Value,
            Epoch = envelope.Message.Epoch.Value,
        };
        switch (envelope.Message)
        {
            case ReplicaMessage.Replicate m:
                wire.Replicate = new()
                {
                    Previous = CommandCodec.ToWire(m.Previous),
                    Commit = m.Commit,
                    Confirm = m.Confirm,
                };
                foreach (var entry in m.Entries)
                    wire.Replicate.Entries.Add(CommandCodec.ToWire(entry));
                break;
            case ReplicaMessage.Ack m:
                wire.Ack = new() { From = CommandCodec.ToWire(m.From), Through = m.Through };
                break;
            case ReplicaMessage.Attach m:
                wire.Attach = new()
                {
                    From = CommandCodec.ToWire(m.From),
                    Epochs = { CommandCodec.ToWire(m.Epochs) },
                    Last = CommandCodec.ToWire(m.Last),
                };
                break;
            case ReplicaMessage.Fenced m:
                wire.Fenced = new() { From = CommandCodec.ToWire(m.From) };
                break;
            case ReplicaMessage.SnapshotPart m:
                wire.SnapshotPart = new()
                {
                    At = CommandCodec.ToWire(m.At),
                    Index = m.Index,
                    Final = m.Final,
                    Entries = { m.Entries.Select(CommandCodec.ToWire) },
                    Epochs = { CommandCodec.ToWire(m.Epochs) },
                    Sessions = { m.Sessions.Select(CommandCodec.ToWire) },
                };
                break;
            case ReplicaMessage.SnapshotAck m:
                wire.SnapshotAck = new()
                {
                    From = CommandCodec.ToWire(m.From),
                    At = CommandCodec.ToWire(m.At),
                    Index = m.Index,
                };
                break;
            default:
                throw new ArgumentException($"Unhandled message: {envelope.Message}", nameof(envelope));
        }

        return wire;
    }

    public static ReplicaEnvelope FromWire(ReplicaEnvelopePb wire)
    {
        var epoch = new Epoch(wire.Epoch);
        ReplicaMessage message = wire.MessageCase switch
        {
            ReplicaEnvelopePb.MessageOneofCase.Replicate => new ReplicaMessage.Replicate(
                epoch,
                CommandCodec.FromWire(wire.Replicate.Previous),
                [.. wire.Replicate.Entries.Select(CommandCodec.FromWire)],
                wire.Replicate.Commit,
                wire.Replicate.Confirm
            ),
            ReplicaEnvelopePb.MessageOneofCase.Ack => new ReplicaMessage.Ack(
                epoch,
                CommandCodec.FromWire(wire.Ack.From),
                wire.Ack.Through
            ),
            ReplicaEnvelopePb.MessageOneofCase.Attach => new ReplicaMessage.Attach(
                epoch,
                CommandCodec.FromWire(wire.Attach.From),
                CommandCodec.FromWire(wire.Attach.Epochs),
                CommandCodec.FromWire(wire.Attach.Last)
            ),
            ReplicaEnvelopePb.MessageOneofCase.Fenced => new ReplicaMessage.Fenced(
                epoch,
                CommandCodec.FromWire(wire.Fenced.From)
            ),
            ReplicaEnvelopePb.MessageOneofCase.SnapshotPart => Part(epoch, wire.SnapshotPart),
            ReplicaEnvelopePb.MessageOneofCase.SnapshotAck => new ReplicaMessage.SnapshotAck(
                epoch,
                CommandCodec.FromWire(wire.SnapshotAck.From),
                CommandCodec.FromWire(wire.SnapshotAck.At),
                wire.SnapshotAck.Index
            ),
            _ => throw new ArgumentException("a replica message of an unknown kind", nameof(wire)),
        };
        return new ReplicaEnvelope(new(wire.Partition), new(wire.From), message);
    }

    private static ReplicaMessage.SnapshotPart Part(Epoch epoch, SnapshotPartPb part) =>
        new(
            epoch,
            CommandCodec.FromWire(part.At),
            part.Index,
            part.Final,
            [.. part.Entries.Select(CommandCodec.FromWire)],
            CommandCodec.FromWire(part.Epochs),
            [.. part.Sessions.Select(CommandCodec.FromWire)]
        );
}
