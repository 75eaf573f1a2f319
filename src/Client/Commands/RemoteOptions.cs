using System.CommandLine;
using System.Globalization;
using Failover.Client.Api;
using Failover.Client.Local;

namespace Failover.Client.Commands;

/// <summary>The options that every command shares which talks to nodes, and what follows from them.</summary>
internal sealed class RemoteOptions
{
    private readonly Surroundings _surroundings;

    public RemoteOptions(Surroundings surroundings)
    {
        _surroundings = surroundings;
        Endpoint = new Option<string[]>("--endpoint", "-e")
        {
            Description = $"a node's HTTP address; repeatable, any node will do [or {Endpoints.VariableName}]",
            HelpName = "URL",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => [],
        };
        Timeout = new Option<double>("--timeout")
        {
            Description = "how long to go on trying, in seconds",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 10,
        };
        Timeout.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsTimeout(token.Value))
                result.AddError($"--timeout must be a number of seconds between 0.1 and 3600, not '{token.Value}'");
        });
        Directory = new Option<string?>("--dir")
        {
            Description = $"the directory of the local formation [default: {FormationFile.DefaultDirectory}]",
            HelpName = "DIR",
        };
        Json = new Option<bool>("--json") { Description = "print JSON" };
        NodeNames = new NodeNameSource(surroundings);
    }

    public Option<string[]> Endpoint { get; }

    public Option<double> Timeout { get; }

    public Option<string?> Directory { get; }

    public Option<bool> Json { get; }

    public NodeNameSource NodeNames { get; }

    /// <summary>A command that talks to nodes.</summary>
    public Command Command(
        string name,
        string description,
        Func<FormationApi, ParseResult, CancellationToken, Task> run,
        params IEnumerable<Symbol> symbols
    )
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }

        command.Add(Endpoint);
        command.Add(Directory);
        command.Add(Timeout);
        command.SetAction(
            async (parsed, cancel) =>
            {
                using var client = Connect(parsed);
                await run(new FormationApi(client, ClientSession.Create()), parsed, cancel);
                return ExitCode.Done;
            }
        );
        return command;
    }

    public FormationClient Connect(ParseResult parsed)
    {
        var endpoints = Endpoints.Find(
            parsed.GetValue(Endpoint) ?? [],
            parsed.GetValue(Directory),
            _surroundings,
            out var formation
        );
        return new FormationClient(endpoints, ClientOptions(parsed, formation));
    }

    public ClientOptions ClientOptions(ParseResult parsed, FormationDocument? formation) =>
        new()
        {
            Timeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout)),
            Token = Token.Find(_surroundings, formation),
        };

    public FormationFile FormationFileOf(ParseResult parsed) =>
        FormationFile.In(_surroundings.WorkingDirectory, parsed.GetValue(Directory) ?? FormationFile.DefaultDirectory);

    public Argument<string> Node(string description)
    {
        var argument = new Argument<string>("NODE") { Description = description, HelpName = "NODE" };
        argument.CompletionSources.Add(_ => NodeNames.All());
        return argument;
    }

    private static bool IsTimeout(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.1 and <= 3600;
}
