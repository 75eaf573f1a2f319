using Failover.Node.Storage;

namespace Failover.Node.Tests.Storage;

public sealed class DurableFileTests
{
    private const string Promise = "/promise";
    private readonly SimulatedDisk _disk = new();

    [Fact]
    public void Holds_nothing_before_the_first_save() => Assert.Null(new DurableFile(Promise, _disk).Load());

    [Fact]
    public void Holds_what_was_saved_last()
    {
        var file = new DurableFile(Promise, _disk);

        file.Save([1, 2, 3]);
        file.Save([]);
        Assert.Equal([], file.Load()!);
        file.Save([4]);
        Assert.Equal([4], new DurableFile(Promise, _disk).Load());
    }

    [Fact]
    public void A_power_failure_at_any_operation_leaves_the_old_content_or_the_new_and_after_a_save_the_new()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            for (var operations = 0; operations < 6; operations++)
            {
                var disk = new SimulatedDisk();
                new DurableFile(Promise, disk).Save([1]);
                disk.PowerFailsAfter = operations;
                var saved = Completes(() => new DurableFile(Promise, disk).Save([2]));

                var found = new DurableFile(Promise, disk.AfterPowerFailure(new Random(seed))).Load();

                Assert.InRange(Assert.Single(found!), saved ? 2 : 1, 2);
            }
        }
    }

    [Fact]
    public void A_change_of_any_byte_is_an_error_that_names_file_and_offset()
    {
        var file = new DurableFile(Promise, _disk);
        file.Save([1, 2, 3]);
        var whole = _disk[Promise];

        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 1;
            _disk[Promise] = damaged;
            var error = Assert.Throws<CorruptFileException>(file.Load);
            Assert.Equal(Promise, error.Path);
            Assert.Contains($"offset {error.Offset}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_cut_at_any_byte_is_an_error()
    {
        var file = new DurableFile(Promise, _disk);
        file.Save([1, 2, 3]);
        var whole = _disk[Promise];

        for (var length = 0; length < whole.Length; length++)
        {
            _disk[Promise] = whole[..length];
            Assert.Throws<CorruptFileException>(file.Load);
        }
    }

    [Theory]
    [InlineData("open", Libc.ENOSPC)]
    [InlineData("pwrite", Libc.ENOSPC)]
    [InlineData("fdatasync", Libc.EIO)]
    [InlineData("rename", Libc.EIO)]
    [InlineData("fsync", Libc.EIO)]
    public void A_refusal_of_the_disk_is_told_with_operation_path_and_reason(string operation, int errno)
    {
        var file = new DurableFile(Promise, _disk);
        file.Save([1]);
        _disk.Before = (o, path) =>
        {
            if (o == operation)
                throw StorageException.FromErrno(o, path, errno);
        };

        var error = Assert.Throws<StorageException>(() => file.Save([2]));

        Assert.Equal((operation, errno), (error.Operation, error.Errno));
        Assert.Contains(
            errno == Libc.EIO ? "Input/output error" : "No space left",
            error.Message,
            StringComparison.Ordinal
        );
    }

    private static bool Completes(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (PowerFailureException)
        {
            return false;
        }
    }
}
