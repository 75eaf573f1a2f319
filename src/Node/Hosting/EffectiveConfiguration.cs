using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Failover.Node.Hosting;

/// <summary>The settings a node runs with, as text, with secrets masked.</summary>
internal static class EffectiveConfiguration
{
    private static readonly string[] Secrets = ["auth-token", "password", "secret"];

    /// <summary>One <c>key = value</c> a line, sorted, for <c>failover</c> and <c>akka</c>.</summary>
    public static string Show(Config config)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var layer = config; layer is not null && !layer.IsEmpty; layer = layer.Fallback)
        {
            if (layer.Root.GetObject() is not { } root)
                continue;
            foreach (var (path, value) in Leaves("", root))
                settings.TryAdd(path, IsSecret(path) && value is not ("" or "\"\"") ? "\"***\"" : value);
        }

        return string.Join('\n', settings.Select(s => $"{s.Key} = {s.Value}")) + "\n";
    }

    private static bool IsSecret(string path) => Secrets.Any(s => path.EndsWith(s, StringComparison.Ordinal));

    private static IEnumerable<(string Path, string Value)> Leaves(string prefix, HoconObject node)
    {
        foreach (var (key, value) in node.Items)
        {
            var path = prefix.Length == 0 ? key : $"{prefix}.{key}";
            if (value.GetObject() is not { } inner || !value.IsObject())
            {
                yield return (path, value.ToString() ?? "");
                continue;
            }

            foreach (var leaf in Leaves(path, inner))
                yield return leaf;
        }
    }
}
