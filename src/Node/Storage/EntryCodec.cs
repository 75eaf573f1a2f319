using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;

namespace Failover.Node.Storage;

/// <summary>
/// Log records as bytes: an entry, or a cut of the log's end. One leading byte says the kind and which optional parts
/// follow, numbers are varints, strings are length and UTF-8. The segment's header carries the version of this form.
/// </summary>
internal static class EntryCodec
{
    private const byte KindMask = 0x07;
    private const byte BarrierKind = 0;
    private const byte PutKind = 1;
    private const byte DeleteKind = 2;
    private const byte UpdateKind = 3;
    private const byte TruncateKind = 7;
    private const byte HasSession = 0x08;
    private const byte HasVersion = 0x10;

    /// <summary>The session says since when its request has been under way; logs of the first release do not have it.</summary>
    private const byte HasSince = 0x20;

    public static void Write(ByteWriter writer, LogEntry entry)
    {
        writer.WriteByte((byte)(KindOf(entry.Command) | FlagsOf(entry.Session)));
        writer.WriteVarint(entry.Position.Epoch.Value);
        writer.WriteVarint(entry.Position.Sequence);
        if (entry.Session is { } session)
        {
            writer.WriteString(session.Client);
            writer.WriteVarint(session.Request);
            writer.WriteVarint(session.CompletedBelow);
            if (session.Since is { } since)
            {
                // Nearly always a little before the entry: as distances two bytes are enough.
                writer.WriteVarint(entry.Position.Epoch.Value - since.Epoch.Value);
                writer.WriteVarint(entry.Sequence - since.Sequence);
            }
        }
        switch (entry.Command)
        {
            case Command.Barrier:
                break;
            case Command.Put put:
                writer.WriteString(put.Key);
                writer.WriteString(put.Value);
                if (put.IfVersion is { } putVersion)
                    writer.WriteVarint(putVersion);
                break;
            case Command.Delete delete:
                writer.WriteString(delete.Key);
                if (delete.IfVersion is { } deleteVersion)
                    writer.WriteVarint(deleteVersion);
                break;
            case Command.Update update:
                writer.WriteVarint(update.Entries.Length);
                foreach (var (key, value) in update.Entries)
                {
                    writer.WriteString(key);
                    writer.WriteString(value);
                }
                break;
            default:
                throw new UnreachableException($"Unhandled command: {entry.Command}");
        }
    }

    /// <summary>From here on, the log ends after <paramref name="sequence"/>; what it held behind it is gone.</summary>
    public static void WriteTruncation(ByteWriter writer, long sequence)
    {
        writer.WriteByte(TruncateKind);
        writer.WriteVarint(sequence);
    }

    /// <returns>The entry; null for a truncation, whose <paramref name="truncatedAfter"/> is then set.</returns>
    /// <exception cref="InvalidDataException">The bytes are no record.</exception>
    public static LogEntry? Read(ref ByteReader reader, StringCache clients, out long truncatedAfter)
    {
        truncatedAfter = -1;
        var lead = reader.ReadByte();
        if (lead == TruncateKind)
        {
            truncatedAfter = reader.ReadVarint();
            return truncatedAfter >= 0 ? null : throw new InvalidDataException("a truncation before the log's start");
        }

        var position = new Position(new Epoch(reader.ReadVarint()), reader.ReadVarint());
        var session = (lead & HasSession) == 0 ? null : ReadSession(ref reader, clients, position, lead);
        return new LogEntry(position, ReadCommand(ref reader, lead), session);
    }

    private static SessionStamp ReadSession(ref ByteReader reader, StringCache clients, Position entry, byte lead) =>
        new(
            reader.ReadString(clients),
            reader.ReadVarint(),
            reader.ReadVarint(),
            (lead & HasSince) == 0
                ? null
                : new Position(new Epoch(entry.Epoch.Value - reader.ReadVarint()), entry.Sequence - reader.ReadVarint())
        );

    private static int FlagsOf(SessionStamp? session) =>
        session is null ? 0
        : session.Since is null ? HasSession
        : HasSession | HasSince;

    private static int KindOf(Command command) =>
        command switch
        {
            Command.Barrier => BarrierKind,
            Command.Put put => PutKind | (put.IfVersion is null ? 0 : HasVersion),
            Command.Delete delete => DeleteKind | (delete.IfVersion is null ? 0 : HasVersion),
            Command.Update => UpdateKind,
            _ => throw new UnreachableException($"Unhandled command: {command}"),
        };

    private static Command ReadCommand(ref ByteReader reader, byte lead)
    {
        switch (lead & ~(HasSession | HasSince))
        {
            case BarrierKind:
                return Command.Barrier.Instance;
            case PutKind:
                return new Command.Put(reader.ReadString(), reader.ReadString());
            case PutKind | HasVersion:
                return new Command.Put(reader.ReadString(), reader.ReadString(), reader.ReadVarint());
            case DeleteKind:
                return new Command.Delete(reader.ReadString());
            case DeleteKind | HasVersion:
                return new Command.Delete(reader.ReadString(), reader.ReadVarint());
            case UpdateKind:
                var pairs = new KeyValuePair<string, string>[reader.ReadCount(smallest: 2)];
                for (var i = 0; i < pairs.Length; i++)
                    pairs[i] = new(reader.ReadString(), reader.ReadString());
                return new Command.Update(ImmutableCollectionsMarshal.AsImmutableArray(pairs));
            default:
                throw new InvalidDataException($"an unknown kind of record ({lead & KindMask}, flags {lead:x2})");
        }
    }
}
