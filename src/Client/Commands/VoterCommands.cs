using System.CommandLine;
using Failover.Client.Api;

namespace Failover.Client.Commands;

/// <summary>Whose votes decide who is primary.</summary>
internal static class VoterCommands
{
    public static Command Create(
        Surroundings surroundings,
        Action<OperationDocument, string> report,
        RemoteOptions remote
    )
    {
        var node = remote.Node("the node");
        return new Command("voters", "Show or change the nodes whose majority decides who is primary")
        {
            remote.Command(
                "list",
                "The nodes that vote",
                async (api, parsed, cancel) =>
                {
                    var answer = await api.VotersAnswerAsync(cancel);
                    if (parsed.GetValue(remote.Json))
                        await surroundings.Out.WriteLineAsync(ValueText.Indent(answer.Body));
                    else
                        Write(FormationApi.Parse(answer, DocumentsContext.Default.VotersDocument), surroundings);
                },
                remote.Json
            ),
            Change("add", "The node votes from now on", votes: true),
            Change("remove", "The node votes no more; it keeps its data", votes: false),
        };

        Command Change(string name, string description, bool votes) =>
            remote.Command(
                name,
                description,
                async (api, parsed, cancel) =>
                {
                    var voter = parsed.GetRequiredValue(node);
                    report(
                        await api.SetVoterAsync(voter, votes, cancel),
                        votes ? $"{voter} votes" : $"{voter} votes no more"
                    );
                },
                node
            );
    }

    private static void Write(VotersDocument document, Surroundings surroundings)
    {
        foreach (var voter in document.Voters ?? [])
            surroundings.Out.WriteLine(voter);
        if (document.Former is { Count: > 0 } former)
            surroundings.Out.WriteLine(
                $"the list is changing: a majority of the former one ({string.Join(", ", former)}) is needed, too"
            );
    }
}
