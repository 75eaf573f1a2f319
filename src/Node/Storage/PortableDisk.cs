using Microsoft.Win32.SafeHandles;

namespace Failover.Node.Storage;

/// <summary>
/// The framework's own file calls, for macOS and Windows: enough to develop on. There .NET decides what it tells of a
/// failed flush and directories are not synced, so production belongs on Linux. Any thread may call it.
/// </summary>
internal sealed class PortableDisk : IDisk
{
    public IDiskFile Open(string path, DiskFileMode mode) =>
        Checked(
            "open",
            path,
            () =>
                new PortableFile(
                    path,
                    File.OpenHandle(
                        path,
                        mode == DiskFileMode.Create ? FileMode.Create : FileMode.Open,
                        mode == DiskFileMode.Read ? FileAccess.Read : FileAccess.ReadWrite,
                        FileShare.ReadWrite | FileShare.Delete
                    )
                )
        );

    public bool CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return false;
        Checked("mkdir", path, () => Directory.CreateDirectory(path));
        return true;
    }

    public IReadOnlyList<string> List(string directory) => LocalPaths.List(directory);

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public void Rename(string from, string to) =>
        Checked(
            "rename",
            $"{from} to {to}",
            () =>
            {
                File.Move(from, to, overwrite: true);
                return true;
            }
        );

    public void Delete(string path) =>
        Checked(
            "unlink",
            path,
            () =>
            {
                File.Delete(path);
                return true;
            }
        );

    public void SyncDirectory(string path) { }

    private static T Checked<T>(string operation, string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(operation, path, e.Message, innerException: e);
        }
    }

    private sealed class PortableFile(string path, SafeFileHandle handle) : IDiskFile
    {
        public string Path => path;

        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> into, long offset)
        {
            try
            {
                return RandomAccess.Read(handle, into, offset);
            }
            catch (IOException e)
            {
                throw new StorageException("pread", path, e.Message, innerException: e);
            }
        }

        public int Write(ReadOnlySpan<byte> bytes, long offset)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
                return bytes.Length;
            }
            catch (IOException e)
            {
                throw new StorageException("pwrite", path, e.Message, innerException: e);
            }
        }

        public void Allocate(long length) => SetLength(Math.Max(length, Length));

        public void SetLength(long length) =>
            Checked(
                "ftruncate",
                path,
                () =>
                {
                    RandomAccess.SetLength(handle, length);
                    return true;
                }
            );

        public void SyncData() =>
            Checked(
                "fdatasync",
                path,
                () =>
                {
                    // The one place that may: there is no libc of ours to call here, see the type's summary.
#pragma warning disable RS0030
                    RandomAccess.FlushToDisk(handle);
#pragma warning restore RS0030
                    return true;
                }
            );

        public void Dispose() => handle.Dispose();
    }
}
