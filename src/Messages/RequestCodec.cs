using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Messages.Wire;

namespace Failover.Messages;

internal static class RequestCodec
{
    public static RequestPb ToWire(Request request)
    {
        var wire = new RequestPb { Id = request.Id, Partition = request.Partition.Value };
        switch (request)
        {
            case Request.Write m:
                (wire.Kind, wire.Command, wire.Session) = (
                    RequestKindPb.RequestWrite,
                    CommandCodec.ToWire(m.Command),
                    CommandCodec.ToWire(m.Session)
                );
                break;
            case Request.Read m:
                (wire.Kind, wire.Key) = (RequestKindPb.RequestRead, m.Key);
                break;
            case Request.Peek m:
                (wire.Kind, wire.Key) = (RequestKindPb.RequestPeek, m.Key);
                break;
            case Request.ReadMap:
                wire.Kind = RequestKindPb.RequestReadMap;
                break;
            case Request.CopyMap:
                wire.Kind = RequestKindPb.RequestCopyMap;
                break;
            case Request.Switchover m:
                (wire.Kind, wire.Reason, wire.Automatic) = (RequestKindPb.RequestSwitchover, m.Reason, m.IsAutomatic);
                wire.Evidence.Add(m.Evidence);
                if (m.To is { } to)
                    wire.To = to.Value;
                break;
            default:
                throw new ArgumentException($"Unhandled request: {request}", nameof(request));
        }

        return wire;
    }

    public static Request FromWire(RequestPb wire)
    {
        var partition = new PartitionId(wire.Partition);
        return wire.Kind switch
        {
            RequestKindPb.RequestWrite => new Request.Write(
                wire.Id,
                partition,
                CommandCodec.FromWire(wire.Command),
                CommandCodec.FromWire(wire.Session)
            ),
            RequestKindPb.RequestRead => new Request.Read(wire.Id, partition, wire.Key),
            RequestKindPb.RequestPeek => new Request.Peek(wire.Id, partition, wire.Key),
            RequestKindPb.RequestReadMap => new Request.ReadMap(wire.Id, partition),
            RequestKindPb.RequestCopyMap => new Request.CopyMap(wire.Id, partition),
            RequestKindPb.RequestSwitchover => new Request.Switchover(
                wire.Id,
                partition,
                wire.HasTo ? new NodeId(wire.To) : null,
                wire.Reason
            )
            {
                Evidence = [.. wire.Evidence],
                IsAutomatic = wire.Automatic,
            },
            _ => throw new ArgumentException("a request of an unknown kind", nameof(wire)),
        };
    }

    public static AnswerPb ToWire(Answer answer)
    {
        var wire = new AnswerPb { Id = answer.Id };
        switch (answer.Outcome)
        {
            case RequestOutcome.NotPrimary:
                wire.Kind = AnswerKindPb.AnswerNotPrimary;
                break;
            case RequestOutcome.Written m:
                (wire.Kind, wire.Result, wire.Epoch) = (
                    AnswerKindPb.AnswerWritten,
                    CommandCodec.ToWire(m.Result),
                    m.Epoch.Value
                );
                break;
            case RequestOutcome.ReadOne m:
                wire.Kind = AnswerKindPb.AnswerRead;
                if (m.Value is { } value)
                    wire.Entry = new() { Json = value.Json, Version = value.Version };
                break;
            case RequestOutcome.SwitchedOver m:
                (wire.Kind, wire.Epoch, wire.Primary) = (
                    AnswerKindPb.AnswerSwitchedOver,
                    m.Epoch.Value,
                    m.Primary.Value
                );
                break;
            case RequestOutcome.Refused m:
                (wire.Kind, wire.Refusal, wire.Reason) = (AnswerKindPb.AnswerRefused, (int)m.Kind, m.Reason);
                break;
            default:
                // A whole map travels in parts.
                throw new ArgumentException($"Unhandled outcome: {answer.Outcome}", nameof(answer));
        }

        return wire;
    }

    public static Answer FromWire(AnswerPb wire) =>
        new(
            wire.Id,
            wire.Kind switch
            {
                AnswerKindPb.AnswerNotPrimary => RequestOutcome.NotPrimary.Instance,
                AnswerKindPb.AnswerWritten => new RequestOutcome.Written(
                    CommandCodec.FromWire(wire.Result),
                    new(wire.Epoch)
                ),
                AnswerKindPb.AnswerRead => new RequestOutcome.ReadOne(
                    wire.Entry is { } e ? new StoredValue(e.Json, e.Version) : null
                ),
                AnswerKindPb.AnswerSwitchedOver => new RequestOutcome.SwitchedOver(new(wire.Epoch), new(wire.Primary)),
                AnswerKindPb.AnswerRefused => new RequestOutcome.Refused((RefusalKind)wire.Refusal, wire.Reason),
                _ => throw new ArgumentException("an answer of an unknown kind", nameof(wire)),
            }
        );

    public static MapPartPb ToWire(MapPart part) =>
        new()
        {
            Id = part.Id,
            Entries = { part.Entries.Select(CommandCodec.ToWire) },
            Final = part.Final,
        };

    public static MapPart FromWire(MapPartPb wire) =>
        new(wire.Id, [.. wire.Entries.Select(CommandCodec.FromWire)], wire.Final);
}
