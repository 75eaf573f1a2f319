using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Failover.Core;
using Failover.Node.Configuration;

namespace Failover.Node.Health;

/// <summary>The application's health check: a program whose exit code 0 says that all is well. No shell is between.</summary>
internal sealed class HealthCommand
{
    /// <summary>For a process that was killed to end. One that hangs in the kernel does not, and is left behind.</summary>
    private static readonly TimeSpan KilledWithin = TimeSpan.FromSeconds(1);

    private readonly string _file;
    private readonly ImmutableArray<string> _argv;
    private readonly TimeSpan _timeout;
    private readonly ImmutableArray<string> _environment;

    /// <param name="node">The program finds the name as <c>FAILOVER_NODE</c> in its environment, so that all nodes can have the same settings.</param>
    /// <exception cref="SettingsException">There is no such program: most likely a mistake in the settings.</exception>
    public HealthCommand(NodeId node, HealthSettings settings)
    {
        if (!OperatingSystem.IsLinux())
            throw new SettingsException("failover.health.command needs Linux");
        (_argv, _timeout) = (settings.Command, settings.Timeout);
        var own = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}");
        _environment = [.. own, $"FAILOVER_NODE={node}"];
        _file =
            Find(_argv[0])
            ?? throw new SettingsException(
                $"failover.health.command: \"{_argv[0]}\" is no executable file{(_argv[0].Contains('/') ? "" : ", nor is one of that name in PATH")}"
            );
    }

    /// <summary>Runs it once, on a thread of its own. The task never fails.</summary>
    /// <returns>Null if all is well, else what is wrong, on one line.</returns>
    public Task<string?> Run()
    {
        var ended = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => ended.SetResult(Check()), 256 << 10) { IsBackground = true, Name = "health-check" }.Start();
        return ended.Task;
    }

    private string? Check()
    {
        var heard = new LastLine();
        try
        {
            using var process = ProcessGroup.Start(_file, _argv, _environment);
            var inTime = Await(process, _timeout, heard);
            // In time or not: nothing that the check started outlives it, and nobody who holds the pipe is waited for.
            process.Kill();
            if (!inTime && !Await(process, KilledWithin, heard))
                return Said($"no answer within {Show(_timeout)}, and it cannot be killed", heard);
            process.Drain(heard);
            var ending = process.Reap();
            return inTime
                ? ending is null
                    ? null
                    : Said(ending, heard)
                : Said($"no answer within {Show(_timeout)}", heard);
        }
        catch (Win32Exception failed)
        {
            return $"{_argv[0]} cannot be run: {failed.Message}";
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

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static string? Find(string program)
    {
        if (program.Contains('/'))
            return IsExecutable(program) ? Path.GetFullPath(program) : null;
        var folders =
            Environment.GetEnvironmentVariable("PATH")?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsExecutable);
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (
            File.GetUnixFileMode(path)
            & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)
        ) != 0;
}
