using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Failover.Bench.SideBySide;

/// <summary>What the figures were measured on, and with which versions.</summary>
internal static partial class Machine
{
    public static string Line(string directory) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores ({Processor()}), files on {FileSystem(directory)}, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, load before the run {Load()}"
        );

    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The first thing in what <c>--version</c> prints that looks like a version.</summary>
    public static string VersionOf(string program)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Numbers().Match(printed).Value;
    }

    /// <summary>The load of the last minute: figures of a busy machine are worth less.</summary>
    private static string Load()
    {
        const string path = "/proc/loadavg";
        return File.Exists(path) ? File.ReadAllText(path).Split(' ')[0] : "unknown";
    }

    private static string Processor()
    {
        const string path = "/proc/cpuinfo";
        var model = File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return model?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>On a file system in memory the figures of durable writes say nothing.</summary>
    private static string FileSystem(string directory) =>
        DriveInfo
            .GetDrives()
            .Where(d => directory.StartsWith(d.Name, StringComparison.Ordinal))
            .MaxBy(d => d.Name.Length)
            ?.DriveFormat
        ?? "an unknown file system";

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Numbers();
}
