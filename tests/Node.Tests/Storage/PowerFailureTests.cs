using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Node.Storage;
using static Failover.Node.Tests.Storage.StorageSamples;

namespace Failover.Node.Tests.Storage;

/// <summary>
/// Seeded lives of a replica's directory: appends, truncations, checkpoints and installed snapshots, with the power
/// failing at any disk operation. A failure names its seed: <c>new Life(seed).Live()</c> replays it.
/// </summary>
public sealed class PowerFailureTests
{
    [Fact]
    public void Whatever_was_committed_survives_a_power_failure_at_any_operation()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            try
            {
                new Life(seed).Live();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }
    }

    /// <summary>What a replica holds: a base that nothing explains any more, and the entries since.</summary>
    private sealed record State(Position Base, ImmutableList<LogEntry> Entries)
    {
        public static State Empty { get; } = new(Position.Zero, []);

        public Position Tail => Entries is [.., var last] ? last.Position : Base;

        public Position At(long sequence) =>
            sequence == Base.Sequence ? Base : Entries[(int)(sequence - Base.Sequence - 1)].Position;

        public State Truncated(long sequence) =>
            this with
            {
                Entries = Entries.GetRange(0, (int)(sequence - Base.Sequence)),
            };

        public bool IsWhatWas(Recovered recovered)
        {
            var at = recovered.Snapshot.At;
            return at.Sequence >= Base.Sequence
                && at.Sequence <= Tail.Sequence
                && At(at.Sequence) == at
                && recovered.Entries.SequenceEqual(Entries.Skip((int)(at.Sequence - Base.Sequence)))
                && Describe(recovered.Snapshot) == Describe(at == Position.Zero ? Snapshot.Empty : SnapshotAt(at));
        }
    }

    private sealed class Life(int seed)
    {
        private const string Directory = "/data/partition-0";
        private readonly Random _random = new(seed);
        private readonly StorageOptions _options = new() { SegmentBytes = 64 << 10 };
        private SimulatedDisk _disk = new();
        private PartitionFiles? _files;
        private State _committed = State.Empty;
        private State _inFlight = State.Empty;
        private long _floor;
        private long _epoch = 1;
        private DataId? _data;
        private Checkpoint? _checkpoint;

        public void Live()
        {
            for (var life = 0; life < 12; life++)
            {
                _disk.PowerFailsAfter = _random.Next(3) == 0 ? _random.Next(12) : _random.Next(120);
                try
                {
                    Open();
                    while (true)
                        Step();
                }
                catch (PowerFailureException)
                {
                    _files?.Dispose();
                    _files = null;
                    // Now and then only the process dies: what it finds again is real, though not all of it is synced yet.
                    if (_random.Next(3) != 0)
                        _disk = _disk.AfterPowerFailure(_random);
                    _epoch++;
                }
            }
            _disk.PowerFailsAfter = null;
            Open();
        }

        private void Open()
        {
            var (files, recovered) = PartitionFiles.Open(_disk, Directory, _options);
            _files = files;
            Assert.Empty(recovered.Problems);
            Assert.True(_data is null || _data == recovered.Data, "the data became another's");
            _data = recovered.Data;
            var found =
                _committed.IsWhatWas(recovered) ? _committed
                : _inFlight.IsWhatWas(recovered) ? _inFlight
                : throw new InvalidOperationException(
                    $"found {recovered.Snapshot.At} to {recovered.Tail}, committed {_committed.Tail}, in flight {_inFlight.Tail}"
                );
            _committed = _inFlight = found;
            _floor = recovered.Snapshot.At.Sequence;
            _checkpoint = null;
        }

        private void Step()
        {
            switch (_random.Next(12))
            {
                case 0:
                    Truncate();
                    break;
                case 1 or 2 when _checkpoint is null:
                    var at = _committed.At(
                        _random.NextInt64(Math.Max(_floor, _committed.Base.Sequence), _committed.Tail.Sequence + 1)
                    );
                    if (at != Position.Zero)
                        (_checkpoint, _floor) = (_files!.Prepare(SnapshotAt(at)), at.Sequence);
                    break;
                case 3 or 4 when _checkpoint is { } checkpoint:
                    _files!.Finish(checkpoint, CancellationToken.None);
                    _checkpoint = null;
                    break;
                case 5 when _random.Next(3) == 0:
                    Install();
                    break;
                default:
                    Append();
                    break;
            }
        }

        private void Append()
        {
            for (var count = _random.Next(1, 6); count > 0; count--)
                Add();
            Commit();
        }

        private void Truncate()
        {
            if (_committed.Tail.Sequence <= _floor)
                return;
            var sequence = _random.NextInt64(_floor, _committed.Tail.Sequence);
            if (_random.Next(2) == 0)
                Add();
            _files!.AddTruncation(sequence);
            _inFlight = _inFlight.Truncated(sequence);
            _epoch++;
            if (_random.Next(2) == 0)
                Add();
            Commit();
        }

        private void Install()
        {
            // Ahead of the log, or behind its end as after a diverged reign.
            var at = StorageSamples.At(++_epoch, Math.Max(1, _committed.Tail.Sequence + _random.Next(-5, 6)));
            _inFlight = new State(at, []);
            _files!.Install(SnapshotAt(at));
            _committed = _inFlight;
            _floor = at.Sequence;
        }

        private void Add()
        {
            var length = _random.Next(10) == 0 ? _random.Next(60_000) : _random.Next(600);
            var entry = Entry(_epoch, _inFlight.Tail.Sequence + 1, length);
            _files!.Add(entry);
            _inFlight = _inFlight with { Entries = _inFlight.Entries.Add(entry) };
        }

        private void Commit()
        {
            _files!.Commit();
            _committed = _inFlight;
        }
    }
}
