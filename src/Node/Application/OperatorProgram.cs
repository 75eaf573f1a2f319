using System.Collections;
using System.Collections.Immutable;
using Failover.Core;
using Failover.Node.Configuration;

namespace Failover.Node.Application;

/// <summary>A program of the operator's that this node runs now and then: exit code 0 says that all is well. No shell is between.</summary>
internal sealed class OperatorProgram
{
    private readonly string _file;
    private readonly ImmutableArray<string> _argv;
    private readonly TimeSpan _timeout;
    private readonly bool _leavesChildren;
    private readonly ImmutableDictionary<string, string> _environment;

    /// <param name="setting">Where the program was named, for whoever has to mend it.</param>
    /// <param name="node">The program finds the name as <c>FAILOVER_NODE</c> in its environment, so that all nodes can have the same settings.</param>
    /// <param name="argv">The program, by its path or found in <c>PATH</c>, and its arguments.</param>
    /// <param name="timeout">A run that takes longer has failed, and is killed with everything it started.</param>
    /// <param name="leavesChildren">Whether what a run has started may outlive it, if it ends in time.</param>
    /// <exception cref="SettingsException">There is no such program: most likely a mistake in the settings.</exception>
    public OperatorProgram(
        string setting,
        NodeId node,
        ImmutableArray<string> argv,
        TimeSpan timeout,
        bool leavesChildren
    )
    {
        if (!OperatingSystem.IsLinux())
            throw new SettingsException($"{setting} needs Linux");
        (_argv, _timeout, _leavesChildren) = (argv, timeout, leavesChildren);
        _environment = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToImmutableDictionary(e => (string)e.Key, e => (string?)e.Value ?? "")
            .SetItem("FAILOVER_NODE", node.Value);
        _file =
            Find(_argv[0])
            ?? throw new SettingsException(
                $"{setting}: \"{_argv[0]}\" is no executable file{(_argv[0].Contains('/') ? "" : ", nor is one of that name in PATH")}"
            );
    }

    /// <summary>Starts it, on a thread of its own.</summary>
    /// <param name="environment">What it finds in its environment beside this process's own.</param>
    public ProgramRun Start(params IEnumerable<KeyValuePair<string, string>> environment)
    {
        var all = _environment.SetItems(environment).Select(e => $"{e.Key}={e.Value}");
        return new ProgramRun(() => ProcessGroup.Start(_file, _argv, all), _argv[0], _timeout, _leavesChildren);
    }

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
