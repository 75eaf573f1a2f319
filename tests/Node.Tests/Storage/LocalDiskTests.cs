using Failover.Node.Storage;

namespace Failover.Node.Tests.Storage;

/// <summary>What the storage relies on, held by each implementation on a real directory.</summary>
public sealed class LocalDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Kinds => OperatingSystem.IsLinux() ? ["posix", "portable"] : ["portable"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Files_are_written_grown_cut_renamed_and_read(string kind)
    {
        var disk = Disk(kind);
        using (var file = disk.Open(_directory["a"], DiskFileMode.Create))
        {
            file.Allocate(4096);
            Assert.Equal(4096, file.Length);
            file.WriteAll([1, 2, 3], 10);
            file.Allocate(100);
            Assert.Equal(4096, file.Length);
            file.SetLength(12);
            file.SyncData();
        }
        disk.Rename(_directory["a"], _directory["b"]);
        disk.SyncDirectory(_directory.Path);

        Assert.False(disk.FileExists(_directory["a"]));
        Assert.Equal([.. new byte[10], 1, 2], disk.ReadFile(_directory["b"]));
        Assert.Equal([_directory["b"]], disk.List(_directory.Path));
        disk.Delete(_directory["b"]);
        Assert.Empty(disk.List(_directory.Path));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Directories_are_created_with_their_parents_once(string kind)
    {
        var disk = Disk(kind);

        Assert.True(disk.CreateDirectory(_directory["x/y/z"]));
        Assert.False(disk.CreateDirectory(_directory["x/y/z"]));
        Assert.True(disk.DirectoryExists(_directory["x/y/z"]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_refusal_names_operation_and_path(string kind)
    {
        var error = Assert.Throws<StorageException>(() => Disk(kind).Open(_directory["none"], DiskFileMode.Read));

        Assert.Equal(("open", _directory["none"]), (error.Operation, error.Path));
    }

    [LinuxFact]
    public void A_full_disk_is_told_as_such()
    {
        // The kernel's own full disk: every write to it answers ENOSPC.
        using var file = new PosixDisk().Open("/dev/full", DiskFileMode.ReadWrite);

        var error = Assert.Throws<StorageException>(() => file.WriteAll([1], 0));

        Assert.Equal(("pwrite", Libc.ENOSPC), (error.Operation, error.Errno));
    }

    private static IDisk Disk(string kind) => kind == "posix" ? new PosixDisk() : new PortableDisk();
}
