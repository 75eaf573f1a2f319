using System.Diagnostics;

namespace Failover.EndToEnd;

/// <summary>A theory that makes system calls fail from below a process. Skipped, with the reason, where strace cannot do that.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    private static readonly string? WhyNot = FindOut();

    public StraceTheoryAttribute() => Skip = WhyNot!;

    private static string? FindOut()
    {
        try
        {
            using var strace = Process.Start(
                new ProcessStartInfo("strace", ["-f", "-e", "inject=fdatasync:error=EIO", "true"])
                {
                    RedirectStandardError = true,
                }
            )!;
            var said = strace.StandardError.ReadToEnd();
            strace.WaitForExit();
            return strace.ExitCode == 0 ? null : $"NOT RUN: strace may not trace here: {said.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"NOT RUN: this test needs strace: {missing.Message}";
        }
    }
}
