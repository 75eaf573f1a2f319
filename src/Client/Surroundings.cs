using Spectre.Console;

namespace Failover.Client;

/// <summary>Everything a command takes from the process it runs in, so that a test can be that process.</summary>
internal sealed class Surroundings
{
    /// <summary>Wide enough that a table written to a file is never wrapped.</summary>
    private const int PlainWidth = 400;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required string WorkingDirectory { get; init; }

    public required Func<string, string?> Variable { get; init; }

    /// <summary>Whether a person reads the output: a terminal, and no wish for plain text.</summary>
    public bool IsStyled { get; init; }

    /// <summary>Whether a person types the input.</summary>
    public bool HasKeyboard { get; init; }

    public required IAnsiConsole Console { get; init; }

    public Interruption Interruption { get; } = new();

    public static Surroundings OfThisProcess()
    {
        var styled =
            !System.Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Surroundings
        {
            Out = System.Console.Out,
            Error = System.Console.Error,
            WorkingDirectory = Environment.CurrentDirectory,
            Variable = Environment.GetEnvironmentVariable,
            IsStyled = styled,
            HasKeyboard = !System.Console.IsInputRedirected && !System.Console.IsOutputRedirected,
            Console = styled ? AnsiConsole.Console : Plain(System.Console.Out),
        };
    }

    public static IAnsiConsole Plain(TextWriter output)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(output),
            }
        );
        console.Profile.Width = PlainWidth;
        return console;
    }
}
