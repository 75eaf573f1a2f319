using Failover.Client.Local;

namespace Failover.Client.Api;

/// <summary>The secret of nodes that ask for one: from the environment, or from the settings <c>up</c> was given.</summary>
internal static class Token
{
    public const string VariableName = "FAILOVER_TOKEN";

    private const string Setting = "failover.http.auth-token=";

    public static string? Find(Surroundings surroundings, FormationDocument? formation) =>
        surroundings.Variable(VariableName) is { Length: > 0 } token
            ? token
            : formation
                ?.Settings.Where(setting => setting.StartsWith(Setting, StringComparison.Ordinal))
                .Select(setting => setting[Setting.Length..].Trim().Trim('"'))
                .LastOrDefault(value => value.Length > 0);
}
