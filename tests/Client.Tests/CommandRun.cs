using Failover.Client.Commands;

namespace Failover.Client.Tests;

/// <summary>One run of the program, without a process.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    public static Task<CommandRun> AgainstAsync(FakeNode node, params string[] arguments) =>
        OfAsync([.. arguments, "--endpoint", node.Endpoint.ToString(), "--timeout", "5"]);

    public static async Task<CommandRun> OfAsync(
        IReadOnlyList<string> arguments,
        string? workingDirectory = null,
        Dictionary<string, string>? variables = null
    )
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var surroundings = Surroundings(output, error, workingDirectory, variables);
        var exitCode = await Application.RunAsync(arguments, surroundings);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }

    public static Surroundings Surroundings(
        TextWriter output,
        TextWriter error,
        string? workingDirectory = null,
        Dictionary<string, string>? variables = null
    ) =>
        new()
        {
            Out = output,
            Error = error,
            WorkingDirectory = workingDirectory ?? Path.GetTempPath(),
            Variable = name => variables?.GetValueOrDefault(name),
            Console = Client.Surroundings.Plain(output),
        };

    public void Succeeds(string expectedOutput)
    {
        Assert.Equal("", Error);
        Assert.Equal(expectedOutput.ReplaceLineEndings("\n"), Out.ReplaceLineEndings("\n"));
        Assert.Equal(0, ExitCode);
    }

    /// <summary>The system refused: one line on stderr, nothing on stdout.</summary>
    public void Fails(string expectedLine)
    {
        Assert.Equal("failover: " + expectedLine + "\n", Error.ReplaceLineEndings("\n"));
        Assert.Equal("", Out);
        Assert.Equal(1, ExitCode);
    }

    /// <summary>Bad usage: what is wrong, and where help is.</summary>
    public void IsBadUsage(string expectedLine, string hint)
    {
        Assert.Equal($"failover: {expectedLine}\ntry: {hint}\n", Error.ReplaceLineEndings("\n"));
        Assert.Equal("", Out);
        Assert.Equal(2, ExitCode);
    }
}
