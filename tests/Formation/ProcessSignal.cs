using System.Runtime.InteropServices;

namespace Failover.Formation;

/// <summary>What is done to a process from outside, by its pid.</summary>
public static partial class ProcessSignal
{
    private const int SigKill = 9;
    private const int SigContinue = 18;
    private const int SigStop = 19;

    /// <summary>SIGKILL: it is gone without a word.</summary>
    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    public static void Kill(int pid) => Send(pid, SigKill);

    /// <summary>SIGSTOP: it is frozen, its sockets stay open.</summary>
    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    public static void Freeze(int pid) => Send(pid, SigStop);

    /// <summary>SIGCONT: it goes on.</summary>
    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    public static void Thaw(int pid) => Send(pid, SigContinue);

    private static void Send(int pid, int signal)
    {
        if (SendTo(pid, signal) != 0)
            throw new InvalidOperationException($"signal {signal} could not be sent to process {pid}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendTo(int pid, int signal);
}
