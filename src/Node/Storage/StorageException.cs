using System.Runtime.InteropServices;

namespace Failover.Node.Storage;

/// <summary>The disk refused something. Says which operation, on which path, and the kernel's own words.</summary>
internal class StorageException(
    string operation,
    string path,
    string reason,
    int errno = 0,
    Exception? innerException = null
) : IOException($"{operation} of {path} failed: {reason}", innerException)
{
    /// <summary>What was asked of the disk, as the system call is named: <c>open</c>, <c>pwrite</c>, <c>fdatasync</c> …</summary>
    public string Operation { get; } = operation;

    public string Path { get; } = path;

    public string Reason { get; } = reason;

    /// <summary>The kernel's error number; 0 when the failure did not come from a system call.</summary>
    public int Errno { get; } = errno;

    public static StorageException FromErrno(string operation, string path, int errno) =>
        new(operation, path, $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})", errno);
}

/// <summary>A file's content is not what was written: its checksum or its structure says so.</summary>
/// <param name="path">The damaged file.</param>
/// <param name="offset">The first byte of the damaged part.</param>
/// <param name="what">What is wrong there.</param>
internal sealed class CorruptFileException(string path, long offset, string what)
    : StorageException("read", path, $"corrupt at offset {offset}: {what}")
{
    public long Offset { get; } = offset;

    public string What { get; } = what;
}
