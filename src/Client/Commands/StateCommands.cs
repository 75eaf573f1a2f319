using System.CommandLine;
using System.Globalization;
using Failover.Client.Api;
using Failover.Client.Output;

namespace Failover.Client.Commands;

/// <summary>Commands that read and change the replicated map: get-state, update, put, get, delete.</summary>
internal static class StateCommands
{
    public static IEnumerable<Command> All(Surroundings surroundings, RemoteOptions remote) =>
        [
            GetState(surroundings, remote),
            Update(surroundings, remote),
            Put(surroundings, remote),
            Get(surroundings, remote),
            Delete(surroundings, remote),
        ];

    private static Command GetState(Surroundings surroundings, RemoteOptions remote)
    {
        var replica = new Argument<string>("REPLICA")
        {
            Description = "primary, standby, or a node's name",
            HelpName = "REPLICA",
        };
        replica.CompletionSources.Add(_ => remote.NodeNames.All().Prepend("standby").Prepend("primary"));
        return remote.Command(
            "get-state",
            "The whole map as that replica holds it",
            async (api, parsed, cancel) =>
            {
                var answer = await api.StateAnswerAsync(parsed.GetRequiredValue(replica), cancel);
                if (parsed.GetValue(remote.Json))
                    await surroundings.Out.WriteLineAsync(ValueText.Indent(answer.Body));
                else
                    StateView.Write(answer, surroundings);
            },
            replica,
            remote.Json
        );
    }

    private static Command Update(Surroundings surroundings, RemoteOptions remote)
    {
        var file = new Option<string?>("--file", "-f")
        {
            Description = "key=value lines; # comments; - reads standard input",
            HelpName = "FILE",
        };
        var pairs = new Argument<string[]>("KEY=VALUE")
        {
            Description = "entries to set",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var update = remote.Command(
            "update",
            "Set all given entries at once: all of them or none",
            async (api, parsed, cancel) =>
            {
                var entries = parsed.GetValue(file) is { } name
                    ? ReadFile(name, surroundings)
                    : Entries(parsed.GetValue(pairs) ?? []);
                if (entries.Count == 0)
                    throw new CommandException("there is no entry to update");
                var updated = await api.UpdateAsync(entries, cancel);
                await surroundings.Out.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"updated {Count(updated.Updated ?? entries.Count)}{Versioned(updated.Version, updated.Epoch)}"
                    )
                );
            },
            pairs,
            file
        );
        update.Validators.Add(result =>
        {
            var given = result.GetValue(pairs) ?? [];
            if (result.GetValue(file) is null == (given.Length == 0))
                result.AddError(
                    given.Length == 0
                        ? "update needs --file FILE or KEY=VALUE entries"
                        : "update takes --file FILE or KEY=VALUE entries, not both"
                );
            else if (
                given.Select(text => UpdateFile.TryEntry(text, out _)).FirstOrDefault(problem => problem is not null) is
                { } problem
            )
                result.AddError(problem);
        });
        return update;
    }

    private static IReadOnlyList<KeyValuePair<string, string>> ReadFile(string name, Surroundings surroundings)
    {
        if (name == "-")
            return UpdateFile.Parse(System.Console.In, "standard input");
        try
        {
            using var reader = File.OpenText(Path.Combine(surroundings.WorkingDirectory, name));
            return UpdateFile.Parse(reader, name);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"there is no file {name}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{name} cannot be read: {e.Message}");
        }
    }

    private static List<KeyValuePair<string, string>> Entries(string[] texts)
    {
        var entries = new List<KeyValuePair<string, string>>();
        foreach (var text in texts)
        {
            if (UpdateFile.TryEntry(text, out var entry) is { } problem)
                throw new CommandException(problem, ExitCode.BadUsage);
            if (entries.Any(other => other.Key == entry.Key))
                throw new CommandException($"key '{entry.Key}' is given twice; nothing was applied", ExitCode.BadUsage);
            entries.Add(entry);
        }

        return entries;
    }

    private static Command Put(Surroundings surroundings, RemoteOptions remote)
    {
        var key = new Argument<string>("KEY") { Description = "the key's name" };
        var value = new Argument<string>("VALUE")
        {
            Description = "JSON if it is an object, array, number, true, false or null; else a string",
        };
        var ifVersion = new Option<long?>("--if-version")
        {
            Description = "only if the key has this version (compare and set)",
            HelpName = "N",
        };
        Numbers.Check(ifVersion, 0, long.MaxValue);
        return remote.Command(
            "put",
            "Set one key",
            async (api, parsed, cancel) =>
            {
                var name = parsed.GetRequiredValue(key);
                var json = ValueText.ToJson(parsed.GetRequiredValue(value));
                var written = await api.PutAsync(name, json, parsed.GetValue(ifVersion), cancel);
                await surroundings.Out.WriteLineAsync($"{name}{Versioned(written.Version, written.Epoch)}");
            },
            key,
            value,
            ifVersion
        );
    }

    private static Command Get(Surroundings surroundings, RemoteOptions remote)
    {
        var key = new Argument<string>("KEY") { Description = "the key's name" };
        var stale = new Option<bool>("--stale")
        {
            Description = "what the answering node holds, without asking the primary",
        };
        return remote.Command(
            "get",
            "The value of one key",
            async (api, parsed, cancel) =>
            {
                var name = parsed.GetRequiredValue(key);
                var answer = await api.EntryAnswerAsync(name, parsed.GetValue(stale), cancel) ?? throw NoSuchKey(name);
                await surroundings.Out.WriteLineAsync(
                    parsed.GetValue(remote.Json)
                        ? ValueText.Indent(answer.Body)
                        : ValueText.ToText(FormationApi.Parse(answer, DocumentsContext.Default.EntryDocument).Value)
                );
            },
            key,
            stale,
            remote.Json
        );
    }

    private static Command Delete(Surroundings surroundings, RemoteOptions remote)
    {
        var key = new Argument<string>("KEY") { Description = "the key's name" };
        return remote.Command(
            "delete",
            "Remove one key",
            async (api, parsed, cancel) =>
            {
                var name = parsed.GetRequiredValue(key);
                if (!await api.DeleteAsync(name, cancel))
                    throw NoSuchKey(name);
                await surroundings.Out.WriteLineAsync($"{name} deleted");
            },
            key
        );
    }

    private static CommandException NoSuchKey(string key) => new($"there is no key '{key}'");

    private static string Count(int entries) =>
        string.Create(CultureInfo.InvariantCulture, $"{entries} {(entries == 1 ? "entry" : "entries")}");

    private static string Versioned(long? version, long? epoch) =>
        (version, epoch) switch
        {
            ({ } v, { } e) => string.Create(CultureInfo.InvariantCulture, $" (version {v}, epoch {e})"),
            ({ } v, null) => string.Create(CultureInfo.InvariantCulture, $" (version {v})"),
            _ => "",
        };
}
