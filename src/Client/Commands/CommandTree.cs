using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Failover.Client.Pbm;

namespace Failover.Client.Commands;

/// <summary>All commands, as the table of the command line in the documentation lists them.</summary>
internal static class CommandTree
{
    public const string ProgramName = "failover";

    /// <summary>
    /// Stands for the program in the parser, which wants every name once, and `failover` is also one of the commands.
    /// So it is a name that nobody types; <see cref="Help"/> shows the real one.
    /// </summary>
    private const string RootName = ProgramName + ":";

    public static Command Build(Surroundings surroundings)
    {
        var remote = new RemoteOptions(surroundings);
        var root = new Command(
            RootName,
            "Starts, watches and commands a formation: a replicated map that fails over by itself."
        );
        root.Add(new HelpOption("--help", "-h", "-?"));
        root.Add(new VersionOption());
        foreach (var command in Commands())
            root.Add(command);
        return root;

        IEnumerable<Command> Commands() =>
            [
                .. LocalCommands.All(surroundings, remote),
                .. ViewCommands.All(surroundings, remote),
                .. StateCommands.All(surroundings, remote),
                .. OperationCommands.All(surroundings, remote),
                PbmCommands.Pbm(surroundings, remote),
                BenchCommand.Create(surroundings, remote),
            ];
    }

    /// <summary>The help that was asked for, or null when something else was.</summary>
    public static string? Help(ParseResult parsed)
    {
        if (parsed.Action is not HelpAction help)
            return null;
        using var text = new StringWriter();
        parsed.InvocationConfiguration.Output = text;
        help.Invoke(parsed);
        return text.ToString().Replace(RootName, ProgramName, StringComparison.Ordinal).TrimEnd();
    }

    /// <summary>One line about a line that could not be understood.</summary>
    public static string WhatIsWrong(ParseResult parsed)
    {
        // A misspelt command is the cause; that a command is missing then is only what the parser sees first.
        var isGroup = parsed.CommandResult.Command.Subcommands.Count > 0;
        if (isGroup && parsed.UnmatchedTokens is [var word, ..])
            return $"there is no {(word.StartsWith('-') ? "option" : "command")} '{word}'";
        var message = parsed.Errors[0].Message;
        return string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The command as it was typed, such as <c>failover maintenance enable</c>.</summary>
    public static string FullName(CommandResult command)
    {
        var names = new Stack<string>();
        for (SymbolResult? each = command; each is not null; each = each.Parent)
            if (each is CommandResult { Command.Name: not RootName } inner)
                names.Push(inner.Command.Name);
        return string.Join(' ', names.Prepend(ProgramName));
    }
}
