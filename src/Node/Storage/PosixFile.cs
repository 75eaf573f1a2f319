using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Failover.Node.Storage;

/// <summary>A file through Linux's own system calls, each result checked.</summary>
internal sealed class PosixFile : IDiskFile
{
    private readonly SafeFileHandle _handle;

    private PosixFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    public long Length => RandomAccess.GetLength(_handle);

    /// <exception cref="StorageException">The kernel's reason.</exception>
    public static PosixFile Open(string path, int flags)
    {
        int descriptor;
        do descriptor = Libc.Open(
            path,
            flags | Libc.CloseOnExec,
            0x1A4 /* rw-r--r-- */
        );
        while (descriptor < 0 && Interrupted());
        if (descriptor < 0)
            throw Failed("open", path);
        return new PosixFile(path, new SafeFileHandle(descriptor, ownsHandle: true));
    }

    public int Read(Span<byte> into, long offset)
    {
        nint read;
        do read = Libc.Read(_handle, into, into.Length, offset);
        while (read < 0 && Interrupted());
        return read < 0 ? throw Failed("pread", Path) : (int)read;
    }

    public int Write(ReadOnlySpan<byte> bytes, long offset)
    {
        nint written;
        do written = Libc.Write(_handle, bytes, bytes.Length, offset);
        while (written < 0 && Interrupted());
        return written < 0 ? throw Failed("pwrite", Path) : (int)written;
    }

    public void Allocate(long length)
    {
        int error;
        do error = Libc.Allocate(_handle, 0, length);
        while (error == Libc.EINTR);

        // A file system that cannot reserve (some network ones, with another libc than glibc) still works: it may then
        // report a full disk at the write instead of here.
        if (error is Libc.EOPNOTSUPP or Libc.EINVAL)
            SetLength(length);
        else if (error != 0)
            throw StorageException.FromErrno("posix_fallocate", Path, error);
    }

    public void SetLength(long length)
    {
        while (Libc.SetLength(_handle, length) != 0)
        {
            if (!Interrupted())
                throw Failed("ftruncate", Path);
        }
    }

    public void SyncData()
    {
        // Never repeated after an error: the kernel has dropped the pages and the next call would claim success.
        while (Libc.SyncData(_handle) != 0)
        {
            if (!Interrupted())
                throw Failed("fdatasync", Path);
        }
    }

    /// <summary>Also what describes the file: for directories, whose entries are their content.</summary>
    public void Sync()
    {
        while (Libc.Sync(_handle) != 0)
        {
            if (!Interrupted())
                throw Failed("fsync", Path);
        }
    }

    /// <returns>Whether no other process (and no other open file of this one) holds the lock.</returns>
    public bool TryLock()
    {
        while (Libc.Lock(_handle, Libc.LockExclusive | Libc.LockNonBlocking) != 0)
        {
            if (Marshal.GetLastPInvokeError() == Libc.EAGAIN)
                return false;
            if (!Interrupted())
                throw Failed("flock", Path);
        }
        return true;
    }

    public void Dispose() => _handle.Dispose();

    private static bool Interrupted() => Marshal.GetLastPInvokeError() == Libc.EINTR;

    private static StorageException Failed(string operation, string path) =>
        StorageException.FromErrno(operation, path, Marshal.GetLastPInvokeError());
}
