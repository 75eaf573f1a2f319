using System.Diagnostics;
using System.Reflection;

namespace Failover.Formation;

/// <summary>How a run of the <c>failover</c> command ended.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public CommandResult Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"exit code {ExitCode}: {Error}{Output}");
}

/// <summary>Runs the <c>failover</c> command that was built beside this assembly.</summary>
public static class CommandLine
{
    public static string Assembly { get; } =
        typeof(CommandLine)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "ClientAssembly")
            .Value!;

    /// <summary>Runs one command to its end. It is killed after a minute: a command that hangs is a failure.</summary>
    public static async Task<CommandResult> Run(params IEnumerable<string> arguments)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Assembly, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new CommandResult(
                process.ExitCode,
                await output.ConfigureAwait(false),
                await error.ConfigureAwait(false)
            );
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: false);
            throw new TimeoutException($"failover {string.Join(' ', arguments)} did not end");
        }
    }
}
