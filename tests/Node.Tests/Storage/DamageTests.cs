using System.Collections.Immutable;
using Failover.Core.Replication;
using Failover.Node.Storage;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>A log whose file was cut or changed behind the store's back.</summary>
public sealed class DamageTests
{
    private const string Directory = "/data/partition-0";
    private static readonly string Segment = StoreFiles.Segment(Directory, 1);
    private static readonly StorageOptions Options = new() { SegmentBytes = 64 << 10 };

    // Three frames: entries 1-2, 3-4, 5-6.
    private readonly SimulatedDisk _disk = new();
    private readonly byte[] _whole;
    private readonly List<int> _ends = [SegmentHeader.Bytes];
    private readonly Recovered _before;

    public DamageTests()
    {
        var (files, _) = PartitionFiles.Open(_disk, Directory, Options);
        for (var first = 1; first <= 5; first += 2)
        {
            foreach (var entry in Entries(1, first, first + 1))
                files.Add(entry);
            files.Commit();
            _ends.Add(_disk[Segment].AsSpan().LastIndexOfAnyExcept((byte)0) + 8 & -8);
        }
        files.Dispose();
        _whole = _disk[Segment];
        _before = Reopen();
        Same(Entries(1, 1, 6), _before.Entries);
    }

    [Fact]
    public void Cut_at_any_byte_it_opens_with_the_frames_before()
    {
        for (var length = SegmentHeader.Bytes; length < _ends[^1] + 10; length++)
        {
            var recovered = ReopenWith(_whole[..length]);

            Assert.Empty(recovered.Problems);
            Assert.Equal(_before.Data, recovered.Data);
            Same(Entries(1, 1, recovered.Entries.Length), recovered.Entries);
            Assert.InRange(recovered.Entries.Length, 2 * WholeFrames(length), 2 * WholeFrames(length + 8));
        }
    }

    [Fact]
    public void With_zeros_from_any_byte_on_it_opens_with_the_frames_before()
    {
        for (var length = SegmentHeader.Bytes; length < _ends[^1]; length++)
        {
            var bytes = _whole.ToArray();
            bytes.AsSpan(length).Clear();

            var recovered = ReopenWith(bytes);

            Assert.Empty(recovered.Problems);
            Same(Entries(1, 1, recovered.Entries.Length), recovered.Entries);
            Assert.InRange(recovered.Entries.Length, 2 * WholeFrames(length), 2 * WholeFrames(length + 16));
        }
    }

    [Fact]
    public void Garbage_in_any_byte_of_the_last_frame_costs_only_that_frame()
    {
        for (var at = _ends[2]; at < _ends[3]; at++)
        {
            var recovered = ReopenWith(Changed(at));

            Assert.Empty(recovered.Problems);
            Assert.Equal(_before.Data, recovered.Data);
            // Padding means nothing, so it may be anything.
            if (recovered.Entries.Length != 6)
            {
                Same(Entries(1, 1, 4), recovered.Entries);
                Assert.Equal((Segment, (long)_ends[2]), (recovered.TailCut!.Path, recovered.TailCut.Offset));
            }
            else
                Assert.True(at >= _ends[3] - 7);
        }
    }

    [Fact]
    public void After_a_torn_end_was_cut_the_log_goes_on()
    {
        _disk[Segment] = Changed(_ends[2] + 30);
        var (files, _) = PartitionFiles.Open(_disk, Directory, Options);
        foreach (var entry in Entries(2, 5, 9))
            files.Add(entry);
        files.Commit();
        files.Dispose();

        var recovered = Reopen();
        Assert.Null(recovered.TailCut);
        Same([.. Entries(1, 1, 4), .. Entries(2, 5, 9)], recovered.Entries);
    }

    [Fact]
    public void Damage_before_a_whole_frame_costs_the_data_and_says_where()
    {
        for (var at = SegmentHeader.Bytes; at < _ends[2]; at++)
        {
            var frame = _ends.FindLastIndex(end => end <= at);
            var recovered = ReopenWith(Changed(at));
            if (recovered.Entries.Length == 6)
            {
                Assert.True(at >= _ends[frame + 1] - 7, $"offset {at} is no padding");
                continue;
            }

            var problem = Assert.Single(recovered.Problems);
            Assert.Equal((Segment, (long)_ends[frame]), (problem.Path, problem.Offset));
            Assert.NotEqual(_before.Data, recovered.Data);
            Assert.Empty(recovered.Entries);
            Assert.Contains($"{Directory}/damaged-1/{Path.GetFileName(Segment)}", _last.Files);
            Assert.Contains($"{Directory}/damaged-1/identity", _last.Files);
        }
    }

    [Fact]
    public void A_segment_that_is_missing_is_damage()
    {
        _disk.Delete(Segment);

        var recovered = Reopen();

        Assert.Contains("missing", Assert.Single(recovered.Problems).What, StringComparison.Ordinal);
        Assert.NotEqual(_before.Data, recovered.Data);
    }

    [Fact]
    public void A_damaged_snapshot_costs_the_data()
    {
        var path = StoreFiles.Snapshot(Directory, 1);
        var bytes = _disk[path];
        bytes[^3] ^= 1;
        _disk[path] = bytes;

        var recovered = Reopen();

        Assert.Equal(path, Assert.Single(recovered.Problems).Path);
        Assert.NotEqual(_before.Data, recovered.Data);
    }

    [Fact]
    public void A_lost_identity_costs_the_data_but_keeps_the_files()
    {
        _disk.Delete($"{Directory}/identity");

        var recovered = Reopen();

        Assert.Single(recovered.Problems);
        Assert.NotEqual(_before.Data, recovered.Data);
        Assert.Contains($"{Directory}/damaged-1/{Path.GetFileName(Segment)}", _disk.Files);
    }

    [Fact]
    public void Each_damage_gets_a_place_of_its_own()
    {
        _disk[Segment] = Changed(_ends[1] + 5);
        Reopen();
        var bytes = _disk[Segment];
        bytes[3] ^= 1;
        _disk[Segment] = bytes;

        Assert.Single(Reopen().Problems);

        Assert.Contains($"{Directory}/damaged-1/identity", _disk.Files);
        Assert.Contains($"{Directory}/damaged-2/identity", _disk.Files);
        Assert.Empty(Reopen().Problems);
    }

    [Fact]
    public void A_segment_of_another_life_is_refused()
    {
        var other = new SimulatedDisk();
        PartitionFiles.Open(other, Directory, Options).Files.Dispose();
        _disk[Segment] = other[Segment];

        Assert.Contains("other data", Assert.Single(Reopen().Problems).What, StringComparison.Ordinal);
    }

    private SimulatedDisk _last = new();

    private int WholeFrames(int length) => _ends.Count(end => end <= length) - 1;

    private byte[] Changed(int at)
    {
        var bytes = _whole.ToArray();
        bytes[at] ^= 0x20;
        return bytes;
    }

    /// <summary>Opens a copy of the disk whose segment has these bytes.</summary>
    private Recovered ReopenWith(byte[] segment)
    {
        _last = _disk.AfterPowerFailure(new Random(0));
        _last[Segment] = segment;
        var (files, recovered) = PartitionFiles.Open(_last, Directory, Options);
        files.Dispose();
        return recovered;
    }

    private Recovered Reopen()
    {
        var (files, recovered) = PartitionFiles.Open(_disk, Directory, Options);
        files.Dispose();
        return recovered;
    }
}
