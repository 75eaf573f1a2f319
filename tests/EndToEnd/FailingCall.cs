using System.Diagnostics;
using System.Globalization;

namespace Failover.EndToEnd;

/// <summary>While it lives, every call that a process makes of one kind fails, or hangs.</summary>
internal sealed class FailingCall : IAsyncDisposable
{
    private readonly Process _strace;

    private FailingCall(Process strace) => _strace = strace;

    /// <param name="how">In strace's words: <c>error=EIO</c>, <c>delay_enter=30s</c>.</param>
    public static async Task<FailingCall> Begin(int pid, string call, string how)
    {
        var strace = Process.Start(
            new ProcessStartInfo(
                "strace",
                [
                    "-f",
                    "-p",
                    pid.ToString(CultureInfo.InvariantCulture),
                    "-e",
                    $"trace={call}",
                    "-e",
                    $"inject={call}:{how}",
                    "-o",
                    "/dev/null",
                ]
            )
            {
                RedirectStandardError = true,
            }
        )!;
        // It says so when it has hold of the process.
        while (await strace.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Contains("attached", StringComparison.Ordinal))
                return new FailingCall(strace);
        }

        throw new InvalidOperationException($"strace could not attach to process {pid}");
    }

    /// <summary>Lets go of the process: its calls succeed again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_strace.HasExited)
            _strace.Kill();
        await _strace.WaitForExitAsync().ConfigureAwait(false);
        _strace.Dispose();
    }
}
