namespace Failover.Node.Storage;

/// <summary>
/// The few things the storage asks of a file system. An interface because durability can only be tested against a
/// disk that fails, tears and forgets on command.
/// </summary>
/// <remarks>
/// Every member either did what it says or throws <see cref="StorageException"/>. Nothing but
/// <see cref="IDiskFile.SyncData"/> and <see cref="SyncDirectory"/> promises to survive a power failure. Members may
/// be called from any thread, but one file is used by one thread at a time.
/// </remarks>
internal interface IDisk
{
    IDiskFile Open(string path, DiskFileMode mode);

    /// <summary>Creates the directory and its missing parents.</summary>
    /// <returns>Whether it was missing.</returns>
    bool CreateDirectory(string path);

    /// <summary>Full paths of the directory's files and sub-directories, in ordinal order.</summary>
    IReadOnlyList<string> List(string directory);

    bool FileExists(string path);

    bool DirectoryExists(string path);

    /// <summary>Moves a file, atomically replacing one that has the new name.</summary>
    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in the directory survive a power failure.</summary>
    void SyncDirectory(string path);
}

internal enum DiskFileMode
{
    /// <summary>For reading; must exist.</summary>
    Read,

    /// <summary>For reading and writing; must exist.</summary>
    ReadWrite,

    /// <summary>For reading and writing; an existing file is emptied.</summary>
    Create,
}

internal interface IDiskFile : IDisposable
{
    string Path { get; }

    long Length { get; }

    /// <returns>How many bytes were read; 0 at the end of the file.</returns>
    int Read(Span<byte> into, long offset);

    /// <returns>How many bytes were written: as with <c>pwrite</c> it may be fewer than given.</returns>
    int Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Grows the file with zeros to <paramref name="length"/> and reserves the space on the disk.</summary>
    void Allocate(long length);

    void SetLength(long length);

    /// <summary>Makes what was written survive a power failure.</summary>
    void SyncData();
}

internal static class DiskFileExtensions
{
    extension(IDiskFile file)
    {
        /// <summary>Writes all bytes, going on after short writes.</summary>
        public void WriteAll(ReadOnlySpan<byte> bytes, long offset)
        {
            while (!bytes.IsEmpty)
            {
                var written = file.Write(bytes, offset);
                if (written <= 0)
                    throw new StorageException("pwrite", file.Path, "the kernel took no byte and named no error");
                bytes = bytes[written..];
                offset += written;
            }
        }

        /// <summary>Fills <paramref name="into"/> as far as the file reaches.</summary>
        /// <returns>How many bytes were read: fewer than asked only at the end of the file.</returns>
        public int ReadAll(Span<byte> into, long offset)
        {
            var total = 0;
            while (total < into.Length)
            {
                var read = file.Read(into[total..], offset + total);
                if (read == 0)
                    break;
                total += read;
            }
            return total;
        }
    }

    extension(IDisk disk)
    {
        /// <summary>The whole file.</summary>
        public byte[] ReadFile(string path)
        {
            using var file = disk.Open(path, DiskFileMode.Read);
            var bytes = new byte[file.Length];
            var read = file.ReadAll(bytes, 0);
            return read == bytes.Length ? bytes : bytes[..read];
        }
    }
}

internal static class Disks
{
    /// <summary>The disk of the machine this runs on.</summary>
    public static IDisk Local { get; } = OperatingSystem.IsLinux() ? new PosixDisk() : new PortableDisk();
}
