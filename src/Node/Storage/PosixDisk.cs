using System.Runtime.InteropServices;

namespace Failover.Node.Storage;

/// <summary>The disk of a Linux machine. Any thread may call it.</summary>
internal sealed class PosixDisk : IDisk
{
    public IDiskFile Open(string path, DiskFileMode mode) =>
        PosixFile.Open(
            path,
            mode switch
            {
                DiskFileMode.Read => Libc.ReadOnly,
                DiskFileMode.ReadWrite => Libc.ReadWrite,
                _ => Libc.ReadWrite | Libc.Create | Libc.Truncate,
            }
        );

    public bool CreateDirectory(string path)
    {
        if (
            Libc.MakeDirectory(
                path,
                0x1ED /* rwxr-xr-x */
            ) == 0
        )
            return true;
        var error = Marshal.GetLastPInvokeError();
        if (error == Libc.EEXIST && Directory.Exists(path))
            return false;
        if (error != Libc.ENOENT || Path.GetDirectoryName(path) is not { Length: > 0 } parent || parent == path)
            throw StorageException.FromErrno("mkdir", path, error);
        if (!CreateDirectory(parent) && !Directory.Exists(parent))
            throw StorageException.FromErrno("mkdir", path, error);
        if (Libc.MakeDirectory(path, 0x1ED) != 0)
            throw StorageException.FromErrno("mkdir", path, Marshal.GetLastPInvokeError());
        return true;
    }

    public IReadOnlyList<string> List(string directory) => LocalPaths.List(directory);

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public void Rename(string from, string to)
    {
        if (Libc.Rename(from, to) != 0)
            throw StorageException.FromErrno("rename", $"{from} to {to}", Marshal.GetLastPInvokeError());
    }

    public void Delete(string path)
    {
        if (Libc.Unlink(path) != 0)
            throw StorageException.FromErrno("unlink", path, Marshal.GetLastPInvokeError());
    }

    public void SyncDirectory(string path)
    {
        using var directory = PosixFile.Open(path, Libc.ReadOnly);
        directory.Sync();
    }
}

internal static class LocalPaths
{
    public static IReadOnlyList<string> List(string directory)
    {
        try
        {
            var paths = Directory.GetFileSystemEntries(directory);
            Array.Sort(paths, string.CompareOrdinal);
            return paths;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException("readdir", directory, e.Message, innerException: e);
        }
    }
}
