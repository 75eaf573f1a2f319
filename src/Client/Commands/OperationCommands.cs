using System.CommandLine;
using System.Globalization;
using Failover.Client.Api;

namespace Failover.Client.Commands;

/// <summary>Commands that change who does what: switchover, failover, rebalance, maintenance, pause, resume.</summary>
internal static class OperationCommands
{
    public static IEnumerable<Command> All(Surroundings surroundings, RemoteOptions remote)
    {
        var to = new Option<string?>("--to") { Description = "the node that shall become primary", HelpName = "NODE" };
        to.CompletionSources.Add(_ => remote.NodeNames.All());
        var acceptDataLoss = new Option<bool>("--accept-data-loss")
        {
            Description = "promote even a standby that may lack acknowledged writes",
        };
        return
        [
            remote.Command(
                "switchover",
                "Hand the primary's role over, planned: no request fails",
                async (api, parsed, cancel) =>
                    Report(await api.SwitchoverAsync(parsed.GetValue(to), cancel), "switched over"),
                to
            ),
            remote.Command(
                "failover",
                "Promote a standby without waiting for the primary's consent",
                async (api, parsed, cancel) =>
                    Report(await api.FailoverAsync(parsed.GetValue(acceptDataLoss), cancel), "failed over"),
                acceptDataLoss
            ),
            remote.Command(
                "rebalance",
                "Spread the partitions' primaries evenly, by as few switchovers as it takes",
                async (api, _, cancel) => Report(await api.RebalanceAsync(cancel), "the primaries are spread evenly")
            ),
            Maintenance(Report, remote),
            VoterCommands.Create(surroundings, Report, remote),
            remote.Command(
                "pause",
                "Stop automatic failover, and nothing else",
                async (api, _, cancel) => Report(await api.PauseAsync(true, cancel), "automatic failover is paused")
            ),
            remote.Command(
                "resume",
                "Allow automatic failover again",
                async (api, _, cancel) => Report(await api.PauseAsync(false, cancel), "automatic failover is on")
            ),
        ];

        void Report(OperationDocument done, string otherwise)
        {
            var message = string.IsNullOrWhiteSpace(done.Message) ? otherwise : done.Message;
            var facts = new List<string>();
            var epoch = done.Epoch is { } number
                ? string.Create(CultureInfo.InvariantCulture, $"epoch {number}")
                : null;
            // The node's own sentence about a change of primary names both already.
            if (epoch is null || !message.Contains(epoch, StringComparison.Ordinal))
            {
                if (done.Primary is { } primary)
                    facts.Add($"primary {primary}");
                if (epoch is not null)
                    facts.Add(epoch);
            }

            surroundings.Out.WriteLine(message + (facts.Count > 0 ? $" ({string.Join(", ", facts)})" : ""));
        }
    }

    private static Command Maintenance(Action<OperationDocument, string> report, RemoteOptions remote)
    {
        var node = remote.Node("the node");
        return new Command("maintenance", "Take a node out of candidacy, or put it back")
        {
            remote.Command(
                "enable",
                "The node shall not be promoted; it goes on replicating and voting",
                async (api, parsed, cancel) =>
                {
                    var name = parsed.GetRequiredValue(node);
                    report(await api.MaintenanceAsync(name, true, cancel), $"{name} is in maintenance");
                },
                node
            ),
            remote.Command(
                "disable",
                "The node takes part again",
                async (api, parsed, cancel) =>
                {
                    var name = parsed.GetRequiredValue(node);
                    report(await api.MaintenanceAsync(name, false, cancel), $"{name} takes part again");
                },
                node
            ),
        };
    }
}
