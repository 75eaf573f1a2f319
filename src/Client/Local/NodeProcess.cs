using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Failover.Client.Local;

/// <summary>Starts and ends the operating system's processes that nodes are.</summary>
internal static partial class NodeProcess
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    // The shell replaces itself with the node, so the process id is the node's own, and the log file belongs to the node: it
    // outlives this program. With a session of its own the node does not receive the terminal's Ctrl+C.
    private const string Script = """
        log=$1; shift
        exec </dev/null >>"$log" 2>&1
        if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; else exec "$@"; fi
        """;

    public static ProcessStartInfo StartInfo(NodeProgram program, string logFile, IReadOnlyList<string> arguments) =>
        new("/bin/sh", ["-c", Script, "sh", logFile, program.Dotnet, .. arguments]) { UseShellExecute = false };

    /// <returns>The process id of the node.</returns>
    public static Process Start(NodeProgram program, string logFile, IReadOnlyList<string> arguments)
    {
        try
        {
            return Process.Start(StartInfo(program, logFile, arguments))
                ?? throw new CommandException("the node's process could not be started");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CommandException($"the node's process could not be started: {e.Message}");
        }
    }

    /// <summary>
    /// Whether the process is alive and is the node that keeps its data in that directory. A process id alone proves nothing:
    /// the system hands it out again.
    /// </summary>
    public static bool IsNode(int pid, string dataDirectory) =>
        CommandLine(pid).Contains(NodeArguments.DataDirSetting(dataDirectory), StringComparison.Ordinal);

    public static void Kill(int pid, string dataDirectory) => Send(pid, dataDirectory, SigKill);

    /// <summary>Asks the node to leave in an orderly way.</summary>
    public static void Terminate(int pid, string dataDirectory) => Send(pid, dataDirectory, SigTerm);

    /// <returns>Whether the process was gone before the time was up.</returns>
    public static async Task<bool> WaitForExitAsync(
        int pid,
        string dataDirectory,
        TimeSpan limit,
        CancellationToken cancel
    )
    {
        var clock = Stopwatch.StartNew();
        while (IsNode(pid, dataDirectory))
        {
            if (clock.Elapsed >= limit)
                return false;
            await Task.Delay(PollEvery, cancel);
        }

        return true;
    }

    private static void Send(int pid, string dataDirectory, int signal)
    {
        if (IsNode(pid, dataDirectory) && KillSystemCall(pid, signal) != 0 && IsNode(pid, dataDirectory))
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"process {pid} did not take signal {signal}: {Marshal.GetLastPInvokeErrorMessage()}"
                )
            );
    }

    /// <summary>Empty for a process that does not exist or has ended and waits for its parent.</summary>
    private static string CommandLine(int pid)
    {
        var id = pid.ToString(CultureInfo.InvariantCulture);
        if (!OperatingSystem.IsLinux())
            return CommandLineFromPs(id);
        try
        {
            // While a process replaces its program, as the shell and setsid do above, its command line is empty for an instant.
            for (var tries = 0; tries < 50; tries++)
            {
                var text = File.ReadAllText($"/proc/{id}/cmdline");
                if (text.Length > 0 || HasEnded(File.ReadAllText($"/proc/{id}/stat")))
                    return text;
                Thread.Sleep(1);
            }

            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such process, or one of another user, which is not ours either.
            return "";
        }
    }

    /// <param name="stat">As in <c>17 (name) S 1 …</c>, where the name may hold anything.</param>
    private static bool HasEnded(string stat) => stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart() is ['Z' or 'X', ..];

    private static string CommandLineFromPs(string id)
    {
        using var ps = Process.Start(
            new ProcessStartInfo("ps", ["-ww", "-o", "command=", "-p", id]) { RedirectStandardOutput = true }
        )!;
        var text = ps.StandardOutput.ReadToEnd();
        ps.WaitForExit();
        return text;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillSystemCall(int pid, int signal);
}
