using Failover.Client.Local;

namespace Failover.Client.Api;

/// <summary>Where the nodes are: as told, as the environment says, or as <c>up</c> wrote it down.</summary>
internal static class Endpoints
{
    public const string VariableName = "FAILOVER_ENDPOINTS";

    /// <param name="given">The values of <c>--endpoint</c>.</param>
    /// <param name="dir">The value of <c>--dir</c>, if it was given.</param>
    /// <param name="formation">The local formation, if the endpoints are its own.</param>
    public static IReadOnlyList<Uri> Find(
        IReadOnlyList<string> given,
        string? dir,
        Surroundings surroundings,
        out FormationDocument? formation
    )
    {
        formation = null;
        if (given.Count > 0)
            return [.. given.Select(Parse)];
        if (dir is null && surroundings.Variable(VariableName) is { Length: > 0 } variable)
        {
            var parts = variable.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 0)
                return [.. parts.Select(Parse)];
        }

        var file = FormationFile.In(surroundings.WorkingDirectory, dir ?? FormationFile.DefaultDirectory);
        formation = file.TryRead();
        if (formation is not { Nodes.Count: > 0 })
            throw new CommandException(
                $"no formation in {file.Directory}; start one with `failover up`, or name a node with --endpoint or {VariableName}"
            );

        // Nodes known to run come first: an address without a process only costs an attempt.
        return [.. formation.Nodes.OrderBy(node => node.Pid is null).Select(node => new Uri(node.Http))];
    }

    public static Uri Parse(string text)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return
            Uri.TryCreate(full, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
            ? new Uri(uri.GetLeftPart(UriPartial.Authority))
            : throw new CommandException(
                $"'{text}' is not an endpoint; expected something like http://127.0.0.1:8081",
                ExitCode.BadUsage
            );
    }
}
