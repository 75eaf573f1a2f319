using System.CommandLine;
using Failover.Client.Interactive;

namespace Failover.Client.Commands;

/// <summary>The program without its process: arguments in, exit code out.</summary>
internal static class Application
{
    private static readonly ParserConfiguration Parsing = new()
    {
        // "@name" is a value like any other, and "-ab" is not "-a -b".
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Surroundings surroundings)
    {
        if (arguments.Count > 0)
            return await RunCommandAsync(arguments, surroundings);
        if (surroundings.HasKeyboard)
            return await new ConsoleSession(surroundings).RunAsync();
        await surroundings.Error.WriteLineAsync("failover: a command is missing");
        await surroundings.Error.WriteLineAsync("try: failover --help");
        return ExitCode.BadUsage;
    }

    public static async Task<int> RunCommandAsync(IReadOnlyList<string> arguments, Surroundings surroundings)
    {
        try
        {
            var parsed = Parse(arguments, surroundings);
            if (parsed.Errors.Count > 0)
                return ReportUsage(parsed, surroundings);
            if (CommandTree.Help(parsed) is { } help)
            {
                await surroundings.Out.WriteLineAsync(help);
                return ExitCode.Done;
            }

            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = surroundings.Out,
                    Error = surroundings.Error,
                    EnableDefaultExceptionHandler = false,
                    // Signals are ours: `up` needs longer than a moment to stop its nodes.
                    ProcessTerminationTimeout = null,
                },
                surroundings.Interruption.Requested
            );
        }
        catch (CommandException e)
        {
            return await FailAsync(e.Message, e.ExitCode);
        }
        catch (OperationCanceledException) when (surroundings.Interruption.Requested.IsCancellationRequested)
        {
            return await FailAsync("interrupted", ExitCode.Failed);
        }
        catch (Exception e)
        {
            // Whatever else goes wrong is a fault of this program; its user still gets a line, not a stack trace.
            return await FailAsync($"{e.Message.ReplaceLineEndings(" ")} ({e.GetType().Name})", ExitCode.Failed);
        }

        async Task<int> FailAsync(string message, int exitCode)
        {
            await surroundings.Error.WriteLineAsync($"failover: {message}");
            return exitCode;
        }
    }

    public static ParseResult Parse(IReadOnlyList<string> arguments, Surroundings surroundings) =>
        CommandTree.Build(surroundings).Parse(arguments, Parsing);

    /// <summary>For completion, which needs the line as it stands.</summary>
    public static ParseResult Parse(string line, Surroundings surroundings) =>
        CommandTree.Build(surroundings).Parse(line, Parsing);

    private static int ReportUsage(ParseResult parsed, Surroundings surroundings)
    {
        surroundings.Error.WriteLine($"failover: {CommandTree.WhatIsWrong(parsed)}");
        surroundings.Error.WriteLine($"try: {CommandTree.FullName(parsed.CommandResult)} --help");
        return ExitCode.BadUsage;
    }
}
