using System.Collections.Immutable;
using System.Diagnostics;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;

namespace Failover.Node.Storage;

/// <summary>The parts of a snapshot as bytes. How they are cut into blocks is <see cref="SnapshotFile"/>'s affair.</summary>
internal static class SnapshotCodec
{
    private const byte NoneKind = 0;
    private const byte StoredKind = 1;
    private const byte UpdatedKind = 2;
    private const byte DeletedKind = 3;
    private const byte NotFoundKind = 4;
    private const byte MismatchKind = 5;
    private const byte ExpiredKind = 6;

    public static void WritePosition(ByteWriter writer, Position position)
    {
        writer.WriteVarint(position.Epoch.Value);
        writer.WriteVarint(position.Sequence);
    }

    public static Position ReadPosition(ref ByteReader reader) =>
        new(new Epoch(reader.ReadVarint()), reader.ReadVarint());

    public static void WriteEpoch(ByteWriter writer, EpochStart start)
    {
        writer.WriteVarint(start.Epoch.Value);
        writer.WriteVarint(start.First);
    }

    public static EpochStart ReadEpoch(ref ByteReader reader) =>
        new(new Epoch(reader.ReadVarint()), reader.ReadVarint());

    public static void WriteEntry(ByteWriter writer, string key, StoredValue value)
    {
        writer.WriteString(key);
        writer.WriteString(value.Json);
        writer.WriteVarint(value.Version);
    }

    public static KeyValuePair<string, StoredValue> ReadEntry(ref ByteReader reader) =>
        new(reader.ReadString(), new StoredValue(reader.ReadString(), reader.ReadVarint()));

    public static void WriteSession(ByteWriter writer, SessionRecord session)
    {
        writer.WriteString(session.Client);
        writer.WriteVarint(session.CompletedBelow);
        WritePosition(writer, session.LastUsed);
        WritePosition(writer, session.Floor);
        writer.WriteVarint(session.Answers.Length);
        foreach (var (request, result) in session.Answers)
        {
            writer.WriteVarint(request);
            WriteResult(writer, result);
        }
    }

    /// <param name="reader">Where a session begins.</param>
    /// <param name="hasPositions">False in snapshots of the first release, which knew sequences only.</param>
    public static SessionRecord ReadSession(ref ByteReader reader, bool hasPositions)
    {
        var client = reader.ReadString();
        var completedBelow = reader.ReadVarint();
        var lastUsed = hasPositions ? ReadPosition(ref reader) : new Position(Epoch.None, reader.ReadVarint());
        var floor = hasPositions ? ReadPosition(ref reader) : Position.Zero;
        var answers = ImmutableArray.CreateBuilder<KeyValuePair<long, CommandResult>>(reader.ReadCount(smallest: 2));
        for (var left = answers.Capacity; left > 0; left--)
            answers.Add(new(reader.ReadVarint(), ReadResult(ref reader)));
        return new SessionRecord(client, completedBelow, lastUsed, answers.DrainToImmutable(), floor);
    }

    private static void WriteResult(ByteWriter writer, CommandResult result)
    {
        switch (result)
        {
            case CommandResult.None:
                writer.WriteByte(NoneKind);
                break;
            case CommandResult.Stored stored:
                writer.WriteByte(StoredKind);
                writer.WriteVarint(stored.Version);
                writer.WriteByte(stored.Created ? (byte)1 : (byte)0);
                break;
            case CommandResult.Updated updated:
                writer.WriteByte(UpdatedKind);
                writer.WriteVarint(updated.Version);
                writer.WriteVarint(updated.Count);
                break;
            case CommandResult.Deleted:
                writer.WriteByte(DeletedKind);
                break;
            case CommandResult.NotFound:
                writer.WriteByte(NotFoundKind);
                break;
            case CommandResult.VersionMismatch mismatch:
                writer.WriteByte(MismatchKind);
                writer.WriteVarint(mismatch.Actual);
                break;
            case CommandResult.SessionExpired:
                writer.WriteByte(ExpiredKind);
                break;
            default:
                throw new UnreachableException($"Unhandled result: {result}");
        }
    }

    private static CommandResult ReadResult(ref ByteReader reader)
    {
        var kind = reader.ReadByte();
        return kind switch
        {
            NoneKind => CommandResult.None.Instance,
            StoredKind => new CommandResult.Stored(reader.ReadVarint(), reader.ReadByte() != 0),
            UpdatedKind => new CommandResult.Updated(reader.ReadVarint(), (int)reader.ReadVarint()),
            DeletedKind => CommandResult.Deleted.Instance,
            NotFoundKind => CommandResult.NotFound.Instance,
            MismatchKind => new CommandResult.VersionMismatch(reader.ReadVarint()),
            ExpiredKind => CommandResult.SessionExpired.Instance,
            _ => throw new InvalidDataException($"an unknown kind of result ({kind})"),
        };
    }
}
