using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Node.Storage;
using FsCheck;
using FsCheck.Fluent;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

public sealed class EntryCodecTests
{
    [Fact]
    public void Any_entries_are_read_as_they_were_written() =>
        Prop.ForAll(Arb.From(Entry().ListOf()), entries => ReadAll(Write([.. entries])).SequenceEqual(entries))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_truncation_is_told_from_an_entry()
    {
        var writer = new ByteWriter(16);
        EntryCodec.WriteTruncation(writer, 42);
        var reader = new ByteReader(writer.Written);

        Assert.Null(EntryCodec.Read(ref reader, new StringCache(), out var truncatedAfter));
        Assert.Equal(42, truncatedAfter);
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void Bytes_cut_anywhere_are_refused_and_never_read_beyond()
    {
        var bytes = Write([
            new LogEntry(
                At(3, 7),
                new Command.Update([new("a", "1"), new("b", "\ud800")]),
                new SessionStamp("client", 1, 1, At(3, 5))
            ),
        ]);

        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => ReadAll(bytes[..length], atLeastOne: true));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                bytes =>
                {
                    try
                    {
                        ReadAll(bytes);
                    }
                    catch (InvalidDataException)
                    {
                        // Refused: that is one of the two right answers.
                    }
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Keys_that_are_no_valid_unicode_stay_different()
    {
        ImmutableArray<LogEntry> entries =
        [
            new(At(1, 1), new Command.Put("\ud800", "1")),
            new(At(1, 2), new Command.Put("\ud801", "2")),
            new(At(1, 3), new Command.Put("\ufffd", "3")),
        ];

        Same(entries, [.. ReadAll(Write(entries))]);
    }

    [Fact]
    public void One_client_of_many_entries_is_one_string()
    {
        var read = ReadAll(Write(Entries(1, 1, 100)));

        Assert.All(read, e => Assert.Same(read[0].Session!.Client, e.Session!.Client));
    }

    private static byte[] Write(ImmutableArray<LogEntry> entries)
    {
        var writer = new ByteWriter(1);
        foreach (var entry in entries)
            EntryCodec.Write(writer, entry);
        return writer.Written.ToArray();
    }

    private static List<LogEntry> ReadAll(byte[] bytes, bool atLeastOne = false)
    {
        List<LogEntry> entries = [];
        var clients = new StringCache();
        var reader = new ByteReader(bytes);
        while (!reader.AtEnd || (atLeastOne && entries.Count == 0))
        {
            if (EntryCodec.Read(ref reader, clients, out _) is { } entry)
                entries.Add(entry);
        }
        return entries;
    }

    private static Gen<LogEntry> Entry() =>
        from epoch in Number()
        from sequence in Number()
        from command in AnyCommand()
        from session in Gen.OneOf(Gen.Constant<SessionStamp?>(null), Session())
        select new LogEntry(At(epoch, sequence), command, session);

    private static Gen<SessionStamp?> Session() =>
        from client in Text()
        from request in Number()
        from completed in Number()
        from since in Gen.OneOf(
            Gen.Constant<Position?>(null),
            from epoch in Number()
            from sequence in Number()
            select (Position?)At(epoch, sequence)
        )
        select (SessionStamp?)new SessionStamp(client, request, completed, since);

    private static Gen<Command> AnyCommand() =>
        Gen.OneOf(
            Gen.Constant<Command>(Command.Barrier.Instance),
            from key in Text()
            from value in Text()
            from version in OptionalNumber()
            select (Command)new Command.Put(key, value, version),
            from key in Text()
            from version in OptionalNumber()
            select (Command)new Command.Delete(key, version),
            from pairs in (from key in Text() from value in Text() select KeyValuePair.Create(key, value)).ListOf()
            select (Command)new Command.Update([.. pairs])
        );

    private static Gen<long?> OptionalNumber() => Gen.OneOf(Gen.Constant<long?>(null), Number().Select(n => (long?)n));

    private static Gen<long> Number() =>
        Gen.OneOf(Gen.Choose(0, 300).Select(n => (long)n), Gen.Elements(long.MaxValue, long.MinValue, -1L, 1L << 35));

    // Any UTF-16 units, so that halves of surrogate pairs come up as well as whole ones.
    private static Gen<string> Text() =>
        Gen.OneOf(
                Gen.Choose('a', 'z').Select(c => (char)c),
                Gen.Choose(0, 0xFFFF).Select(c => (char)c),
                Gen.Choose(0xD800, 0xDFFF).Select(c => (char)c)
            )
            .ArrayOf()
            .Select(chars => new string(chars));
}
