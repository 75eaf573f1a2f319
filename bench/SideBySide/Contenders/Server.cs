using System.Diagnostics;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>One process of a contender. What it writes goes to a file.</summary>
internal sealed class Server(string log, string program, params string[] arguments) : IDisposable
{
    private const int LogLinesShown = 12;

    /// <summary>The shell becomes the program, so that the pid is the program's.</summary>
    private const string Become = """log=$1; shift; exec "$@" >> "$log" 2>&1""";

    private Process? _process;

    public int Pid => _process?.Id ?? throw new InvalidOperationException($"{program} was not started");

    public void Start()
    {
        Dispose();
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Become, "sh", log, program, .. arguments]));
    }

    public string LastWords() =>
        File.Exists(log)
            ? $"--- {Path.GetFileName(log)}\n{string.Join('\n', File.ReadLines(log).TakeLast(LogLinesShown))}\n"
            : "";

    /// <summary>SIGKILL, which a frozen process obeys as well.</summary>
    public void Dispose()
    {
        if (_process is null)
            return;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }
}
