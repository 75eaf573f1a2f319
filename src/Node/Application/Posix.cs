using System.Runtime.InteropServices;

namespace Failover.Node.Application;

/// <summary>
/// Starting a process in a group of its own, which <see cref="System.Diagnostics.Process"/> cannot do, and ending the whole
/// group. Numbers are Linux's, equal on x64 and arm64.
/// </summary>
internal static unsafe partial class Posix
{
    public const int CloseOnExec = 0x80000;
    public const int ReadOnly = 0;
    public const short PollIn = 1;
    public const int SigPipe = 13;
    public const int SigKill = 9;
    public const short SpawnSetGroup = 0x02;
    public const short SpawnSetSignalDefaults = 0x04;
    public const short SpawnSetSignalMask = 0x08;

    /// <summary>What glibc's and musl's opaque structures need at most, and more.</summary>
    public const int OpaqueBytes = 512;

    private const int WaitForPid = 1;
    private const int WaitExited = 4;
    private const int WaitNoHang = 1;
    private const int WaitNoReap = 0x0100_0000;
    private const int SignalInfoBytes = 128;
    private const nint PidfdOpen = 434;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        /// <summary>Negative: passed over.</summary>
        public int File;
        public short Wanted;
        public short Got;
    }

    /// <summary>Something to wait for with <c>poll</c> until the process has ended; -1 where the kernel has no such thing.</summary>
    public static int OpenProcess(int pid) => (int)SystemCall(PidfdOpen, pid, 0);

    /// <summary>Whether a child has ended. It is not reaped, so its id, and that of its group, cannot be anybody else's yet.</summary>
    public static bool HasEnded(int pid)
    {
        var info = stackalloc byte[SignalInfoBytes];
        new Span<byte>(info, SignalInfoBytes).Clear();
        // The first field is the signal's number; it stays 0 while the child runs. An error means that it is nobody's child any more.
        return WaitId(WaitForPid, pid, info, WaitExited | WaitNoHang | WaitNoReap) != 0 || *(int*)info != 0;
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial void Close(int file);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int file, byte* into, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int Wait(int pid, int* status, int options);

    /// <returns>The error itself, not -1.</returns>
    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial void DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    public static partial int AddOpen(byte* actions, int file, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial void DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    public static partial int SetGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetSignalDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int EmptySet(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    public static partial int AddToSet(byte* signals, int signal);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int kind, int id, byte* info, int options);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
