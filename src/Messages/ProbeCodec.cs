using System.Buffers.Binary;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Replication;
using Failover.Core.Views;
using Failover.Messages.Wire;
using Google.Protobuf;

namespace Failover.Messages;

/// <summary>Frames on a probe connection: a 4-byte big-endian length, then that many bytes of protobuf.</summary>
public static class ProbeCodec
{
    public const int HeaderBytes = 4;

    /// <summary>No heartbeat comes near this; a longer frame is not of this protocol.</summary>
    public const int MaxFrameBytes = 1 << 20;

    /// <summary>No two heartbeats lie further apart, whatever is configured.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>The frame with its length in front, ready to be sent.</summary>
    public static byte[] Encode(ProbeFrame frame)
    {
        var wire = frame switch
        {
            ProbeFrame.Heartbeat m => new ProbeFramePb
            {
                Heartbeat = new()
                {
                    Report = ToWire(m.Report),
                    SentAtTicks = m.SentAt.SinceStart.Ticks,
                    NextWithinTicks = m.NextWithin?.Ticks ?? 0,
                },
            },
            ProbeFrame.HeartbeatAck m => new ProbeFramePb { Ack = ToWire(m) },
            _ => throw new ArgumentException($"Unhandled frame: {frame}", nameof(frame)),
        };
        var bytes = new byte[HeaderBytes + wire.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - HeaderBytes);
        wire.WriteTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not a frame.</exception>
    public static ProbeFrame Decode(ReadOnlySpan<byte> body)
    {
        try
        {
            var wire = ProbeFramePb.Parser.ParseFrom(body);
            return wire.FrameCase switch
            {
                ProbeFramePb.FrameOneofCase.Heartbeat => new ProbeFrame.Heartbeat(
                    FromWire(wire.Heartbeat.Report),
                    At(wire.Heartbeat.SentAtTicks),
                    Within(wire.Heartbeat.NextWithinTicks)
                ),
                ProbeFramePb.FrameOneofCase.Ack => FromWire(wire.Ack),
                _ => throw new InvalidDataException("a probe frame of an unknown kind"),
            };
        }
        catch (Exception malformed)
            when (malformed is InvalidProtocolBufferException or ArgumentException or NullReferenceException)
        {
            // Absent parts of a message that must be there surface as null.
            throw new InvalidDataException($"malformed probe frame: {malformed.Message}", malformed);
        }
    }

    private static Instant At(long ticks) => new(new TimeSpan(ticks));

    /// <summary>A promise that nobody could break is none: such a peer would never be missed.</summary>
    private static TimeSpan? Within(long ticks) =>
        ticks switch
        {
            0 => null,
            > 0 when ticks <= LongestPause.Ticks => new TimeSpan(ticks),
            _ => throw new InvalidDataException($"a probe frame that promises the next within {ticks} ticks"),
        };

    private static NodeReportPb ToWire(NodeReport report)
    {
        var wire = new NodeReportPb
        {
            Node = report.Node.Value,
            Incarnation = report.Incarnation.Value,
            Version = report.Version,
            Monitoring = report.Monitoring,
        };
        if (report.Formation is { } formation)
            wire.Formation = CommandCodec.ToWire(formation.Value);
        foreach (var replica in report.Replicas)
            wire.Replicas.Add(ToWire(replica));
        return wire;
    }

    private static NodeReport FromWire(NodeReportPb wire) =>
        new(
            new(wire.Node),
            new(wire.Incarnation),
            wire.Formation.IsEmpty ? null : new FormationId(CommandCodec.FromWire(wire.Formation)),
            wire.Version,
            wire.Monitoring,
            [.. wire.Replicas.Select(FromWire)]
        );

    private static ReplicaReportPb ToWire(ReplicaReport report)
    {
        var wire = new ReplicaReportPb
        {
            Partition = report.Partition.Value,
            Replica = CommandCodec.ToWire(report.Replica),
            Role = (int)report.Role,
            Epoch = report.Epoch.Value,
            Last = CommandCodec.ToWire(report.Last),
            Commit = report.Commit,
            Released = report.Released,
            IdleTicks = report.Idle.Ticks,
        };
        if (report.Trouble is { } trouble)
            wire.Trouble = trouble;
        return wire;
    }

    private static ReplicaReport FromWire(ReplicaReportPb wire) =>
        new(
            new(wire.Partition),
            CommandCodec.FromWire(wire.Replica),
            (ReplicaRole)wire.Role,
            new(wire.Epoch),
            CommandCodec.FromWire(wire.Last),
            wire.Commit,
            wire.Released,
            new(wire.IdleTicks),
            wire.HasTrouble ? wire.Trouble : null
        );

    private static HeartbeatAckPb ToWire(ProbeFrame.HeartbeatAck ack)
    {
        var wire = new HeartbeatAckPb
        {
            Voter = ack.Voter.Value,
            SentAtTicks = ack.SentAt.SinceStart.Ticks,
            NextWithinTicks = ack.NextWithin?.Ticks ?? 0,
        };
        if (ack.Report is { } report)
            wire.Report = ToWire(report);
        foreach (var answer in ack.Answers)
        {
            wire.Answers.Add(
                new LeaseAnswerPb
                {
                    Partition = answer.Partition.Value,
                    Epoch = answer.Epoch.Value,
                    Granted = answer.Granted,
                }
            );
        }

        return wire;
    }

    private static ProbeFrame.HeartbeatAck FromWire(HeartbeatAckPb wire) =>
        new(
            new(wire.Voter),
            At(wire.SentAtTicks),
            [.. wire.Answers.Select(a => new LeaseAnswer(new(a.Partition), new(a.Epoch), a.Granted))],
            wire.Report is { } report ? FromWire(report) : null,
            Within(wire.NextWithinTicks)
        );
}
