using System.Diagnostics;
using System.Globalization;

namespace Failover.EndToEnd;

/// <summary>While it lives, every call that a process makes of one kind fails.</summary>
internal sealed class FailingCall : IAsyncDisposable
{
    private readonly Process _strace;

    private FailingCall(Process strace) => _strace = strace;

    public static async Task<FailingCall> Begin(int pid, string call, string error)
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
                    $"inject={call}:error={error}",
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
