using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Failover.Node.Application;

/// <summary>One run of a program.</summary>
internal sealed class ProgramRun
{
    /// <summary>For a process that was killed to end. One that hangs in the kernel does not, and is left behind.</summary>
    private static readonly TimeSpan KilledWithin = TimeSpan.FromSeconds(1);

    private readonly Func<ProcessGroup> _start;
    private readonly string _name;
    private readonly TimeSpan _timeout;
    private readonly bool _leavesChildren;
    private readonly Lock _gate = new();
    private ProcessGroup? _process;
    private bool _aborted;

    /// <param name="leavesChildren">What it has started may outlive it when it ends in time.</param>
    public ProgramRun(Func<ProcessGroup> start, string name, TimeSpan timeout, bool leavesChildren)
    {
        (_start, _name, _timeout, _leavesChildren) = (start, name, timeout, leavesChildren);
        var ended = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => ended.SetResult(Run()), 256 << 10) { IsBackground = true, Name = "program" }.Start();
        Ended = ended.Task;
    }

    /// <summary>Null if all is well, else what is wrong, on one line. The task never fails.</summary>
    public Task<string?> Ended { get; }

    /// <summary>Kills it, with everything it started, if it still runs.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            _process?.Kill();
        }
    }

    private string? Run()
    {
        var heard = new LastLine();
        try
        {
            using var process = _start();
            Watch(process);
            var inTime = Await(process, _timeout, heard);
            // Nobody who still holds the pipe is waited for.
            if (!inTime || !_leavesChildren)
                process.Kill();
            if (!inTime && !Await(process, KilledWithin, heard))
                return Said($"no answer within {Show(_timeout)}, and it cannot be killed", heard);
            process.Drain(heard);
            // Until it is reaped its id is nobody else's, so it may be killed; afterwards not.
            Watch(null);
            var ending = process.Reap();
            return inTime
                ? ending is null
                    ? null
                    : Said(ending, heard)
                : Said($"no answer within {Show(_timeout)}", heard);
        }
        catch (Win32Exception failed)
        {
            return $"{_name} cannot be run: {failed.Message}";
        }
        finally
        {
            Watch(null);
        }
    }

    private void Watch(ProcessGroup? process)
    {
        lock (_gate)
        {
            _process = process;
            if (_aborted)
                process?.Kill();
        }
    }

    private static bool Await(ProcessGroup process, TimeSpan atMost, LastLine heard)
    {
        var since = Stopwatch.GetTimestamp();
        while (!process.HasEnded)
        {
            var left = atMost - Stopwatch.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
                return false;
            process.Wait(left, heard);
        }

        return true;
    }

    private static string Said(string ending, LastLine heard) =>
        heard.Text.Length == 0 ? ending : $"{ending}: '{heard.Text}'";

    private static string Show(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
