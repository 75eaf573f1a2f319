using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Messages.Wire;
using Google.Protobuf;

namespace Failover.Messages;

/// <summary>Ids, positions, commands, results and log entries.</summary>
internal static class CommandCodec
{
    public static ReplicaIdPb ToWire(ReplicaId id) => new() { Node = id.Node.Value, Data = ToWire(id.Data.Value) };

    public static ReplicaId FromWire(ReplicaIdPb id) => new(new(id.Node), new(FromWire(id.Data)));

    public static ByteString ToWire(Guid guid) => ByteString.CopyFrom(guid.ToByteArray());

    public static Guid FromWire(ByteString bytes) => new(bytes.Span);

    public static PositionPb ToWire(Position position) =>
        new() { Epoch = position.Epoch.Value, Sequence = position.Sequence };

    public static Position FromWire(PositionPb position) => new(new(position.Epoch), position.Sequence);

    public static IEnumerable<EpochStartPb> ToWire(ImmutableArray<EpochStart> epochs) =>
        epochs.Select(e => new EpochStartPb { Epoch = e.Epoch.Value, First = e.First });

    public static ImmutableArray<EpochStart> FromWire(IEnumerable<EpochStartPb> epochs) =>
        [.. epochs.Select(e => new EpochStart(new(e.Epoch), e.First))];

    public static CommandPb ToWire(Command command) =>
        command switch
        {
            Command.Put put => new() { Put = ToWire(put) },
            Command.Delete delete => new() { Delete = ToWire(delete) },
            Command.Update update => new()
            {
                Update = new()
                {
                    Entries = { update.Entries.Select(e => new PairPb { Key = e.Key, Value = e.Value }) },
                },
            },
            Command.Barrier => new() { Barrier = new() },
            _ => throw new ArgumentException($"Unhandled command: {command}", nameof(command)),
        };

    private static PutPb ToWire(Command.Put put)
    {
        var wire = new PutPb { Key = put.Key, Value = put.Value };
        if (put.IfVersion is { } version)
            wire.IfVersion = version;
        return wire;
    }

    private static DeletePb ToWire(Command.Delete delete)
    {
        var wire = new DeletePb { Key = delete.Key };
        if (delete.IfVersion is { } version)
            wire.IfVersion = version;
        return wire;
    }

    public static Command FromWire(CommandPb command) =>
        command.KindCase switch
        {
            CommandPb.KindOneofCase.Put => new Command.Put(
                command.Put.Key,
                command.Put.Value,
                command.Put.HasIfVersion ? command.Put.IfVersion : null
            ),
            CommandPb.KindOneofCase.Delete => new Command.Delete(
                command.Delete.Key,
                command.Delete.HasIfVersion ? command.Delete.IfVersion : null
            ),
            CommandPb.KindOneofCase.Update => new Command.Update([
                .. command.Update.Entries.Select(e => KeyValuePair.Create(e.Key, e.Value)),
            ]),
            CommandPb.KindOneofCase.Barrier => Command.Barrier.Instance,
            _ => throw new ArgumentException("a command of an unknown kind", nameof(command)),
        };

    public static ResultPb ToWire(CommandResult result) =>
        result switch
        {
            CommandResult.None => new() { Kind = ResultKindPb.ResultNone },
            CommandResult.Stored stored => new()
            {
                Kind = ResultKindPb.ResultStored,
                Version = stored.Version,
                Created = stored.Created,
            },
            CommandResult.Updated updated => new()
            {
                Kind = ResultKindPb.ResultUpdated,
                Version = updated.Version,
                Count = updated.Count,
            },
            CommandResult.Deleted => new() { Kind = ResultKindPb.ResultDeleted },
            CommandResult.NotFound => new() { Kind = ResultKindPb.ResultNotFound },
            CommandResult.VersionMismatch mismatch => new()
            {
                Kind = ResultKindPb.ResultVersionMismatch,
                Version = mismatch.Actual,
            },
            CommandResult.SessionExpired => new() { Kind = ResultKindPb.ResultSessionExpired },
            _ => throw new ArgumentException($"Unhandled result: {result}", nameof(result)),
        };

    public static CommandResult FromWire(ResultPb result) =>
        result.Kind switch
        {
            ResultKindPb.ResultNone => CommandResult.None.Instance,
            ResultKindPb.ResultStored => new CommandResult.Stored(result.Version, result.Created),
            ResultKindPb.ResultUpdated => new CommandResult.Updated(result.Version, result.Count),
            ResultKindPb.ResultDeleted => CommandResult.Deleted.Instance,
            ResultKindPb.ResultNotFound => CommandResult.NotFound.Instance,
            ResultKindPb.ResultVersionMismatch => new CommandResult.VersionMismatch(result.Version),
            ResultKindPb.ResultSessionExpired => CommandResult.SessionExpired.Instance,
            _ => throw new ArgumentException("a result of an unknown kind", nameof(result)),
        };

    public static SessionStampPb? ToWire(SessionStamp? stamp) =>
        stamp is null
            ? null
            : new()
            {
                Client = stamp.Client,
                Request = stamp.Request,
                CompletedBelow = stamp.CompletedBelow,
                Since = stamp.Since is { } since ? ToWire(since) : null,
            };

    public static SessionStamp? FromWire(SessionStampPb? stamp) =>
        stamp is null
            ? null
            : new(stamp.Client, stamp.Request, stamp.CompletedBelow, stamp.Since is { } since ? FromWire(since) : null);

    public static LogEntryPb ToWire(LogEntry entry) =>
        new()
        {
            Epoch = entry.Position.Epoch.Value,
            Sequence = entry.Sequence,
            Command = ToWire(entry.Command),
            Session = ToWire(entry.Session),
        };

    public static LogEntry FromWire(LogEntryPb entry) =>
        new(new(new(entry.Epoch), entry.Sequence), FromWire(entry.Command), FromWire(entry.Session));

    public static StoredEntryPb ToWire(KeyValuePair<string, StoredValue> entry) =>
        new()
        {
            Key = entry.Key,
            Json = entry.Value.Json,
            Version = entry.Value.Version,
        };

    public static KeyValuePair<string, StoredValue> FromWire(StoredEntryPb entry) =>
        KeyValuePair.Create(entry.Key, new StoredValue(entry.Json, entry.Version));

    public static SessionRecordPb ToWire(SessionRecord session) =>
        new()
        {
            Client = session.Client,
            CompletedBelow = session.CompletedBelow,
            LastUsed = session.LastUsed.Sequence,
            LastUsedEpoch = session.LastUsed.Epoch.Value,
            FloorEpoch = session.Floor.Epoch.Value,
            FloorSequence = session.Floor.Sequence,
            Answers =
            {
                session.Answers.Select(a => new SessionAnswerPb { Request = a.Key, Result = ToWire(a.Value) }),
            },
        };

    public static SessionRecord FromWire(SessionRecordPb session) =>
        new(
            session.Client,
            session.CompletedBelow,
            new(new(session.LastUsedEpoch), session.LastUsed),
            [.. session.Answers.Select(a => KeyValuePair.Create(a.Request, FromWire(a.Result)))],
            new(new(session.FloorEpoch), session.FloorSequence)
        );
}
