using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Node.Storage;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

public sealed class SnapshotFileTests
{
    private const string File = "/snapshot";
    private static readonly SnapshotHeader Header = new(new DataId(Guid.NewGuid()), 7, 12);
    private readonly SimulatedDisk _disk = new();

    [Fact]
    public void Every_kind_of_content_is_read_as_it_was_written()
    {
        ImmutableArray<KeyValuePair<long, CommandResult>> answers =
        [
            new(1, CommandResult.None.Instance),
            new(2, new CommandResult.Stored(5, true)),
            new(3, new CommandResult.Stored(6, false)),
            new(4, new CommandResult.Updated(7, 3)),
            new(5, CommandResult.Deleted.Instance),
            new(6, CommandResult.NotFound.Instance),
            new(7, new CommandResult.VersionMismatch(9)),
            new(8, CommandResult.SessionExpired.Instance),
        ];
        var snapshot = new Snapshot(
            At(4, 99),
            [new EpochStart(new Epoch(1), 1), new EpochStart(new Epoch(4), 50)],
            ReplicatedMap.Empty.Add("k", new StoredValue("\"v\"", 3)).Add("\ud800", new StoredValue("{}", 4)),
            [new SessionRecord("c", 1, At(4, 98), answers, At(1, 3)), new SessionRecord("d", 0, At(1, 3), [], At(0, 0))]
        );

        SnapshotFile.Write(_disk, File, Header, snapshot);
        var (header, read) = SnapshotFile.Read(_disk, File);

        Assert.Equal(Header, header);
        Assert.Equal(Describe(snapshot), Describe(read));
        Same(answers, read.Sessions[0].Answers);
    }

    [Fact]
    public void A_snapshot_of_the_first_release_is_read_its_sessions_without_epochs()
    {
        using (var file = _disk.Open(File, DiskFileMode.Create))
        {
            var bytes = Convert.FromBase64String(
                "Rk9WUlNOUDEVAAAAnsmAdwEBAAAAAAAAAAAAAAAAAAAABwwEYwMAAAB9eINrAgEBCAAAADSO0f4DAmsGInYiAwoAAACEBYn2BAJjAWIBAgFiAQQAAAB1aKrRBQEBAQ=="
            );
            file.Write(bytes, 0);
        }

        var session = Assert.Single(SnapshotFile.Read(_disk, File).Snapshot.Sessions);

        Assert.Equal(
            ("c", 1, At(0, 98), Position.Zero),
            (session.Client, session.CompletedBelow, session.LastUsed, session.Floor)
        );
        Same([new(2, new CommandResult.Stored(98, true))], session.Answers);
    }

    [Fact]
    public void A_map_of_many_blocks_is_read_as_it_was_written()
    {
        var snapshot = SnapshotAt(At(1, 5), keys: 40_000);

        SnapshotFile.Write(_disk, File, Header, snapshot);

        Assert.InRange(_disk[File].Length, 3 * (256 << 10), int.MaxValue);
        Assert.Equal(Describe(snapshot), Describe(SnapshotFile.Read(_disk, File).Snapshot));
    }

    [Fact]
    public void The_empty_snapshot_has_a_file_too()
    {
        SnapshotFile.Write(_disk, File, Header, Snapshot.Empty);

        Assert.Equal(Describe(Snapshot.Empty), Describe(SnapshotFile.Read(_disk, File).Snapshot));
    }

    [Fact]
    public void A_change_of_any_byte_is_noticed()
    {
        SnapshotFile.Write(_disk, File, Header, SnapshotAt(At(1, 5)));
        var whole = _disk[File];

        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x40;
            _disk[File] = damaged;

            var error = Assert.Throws<CorruptFileException>(() => SnapshotFile.Read(_disk, File));
            Assert.Equal(File, error.Path);
            Assert.InRange(error.Offset, 0, at);
        }
    }

    [Fact]
    public void A_cut_at_any_byte_is_noticed()
    {
        SnapshotFile.Write(_disk, File, Header, SnapshotAt(At(1, 5)));
        var whole = _disk[File];

        for (var length = 0; length < whole.Length; length++)
        {
            _disk[File] = whole[..length];
            Assert.Throws<CorruptFileException>(() => SnapshotFile.Read(_disk, File));
        }

        _disk[File] = [.. whole, 0];
        Assert.Throws<CorruptFileException>(() => SnapshotFile.Read(_disk, File));
    }
}
