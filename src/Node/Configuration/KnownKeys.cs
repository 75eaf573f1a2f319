using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Failover.Node.Configuration;

/// <summary>The keys that <c>hocon/reference.conf</c> knows below <c>failover</c>. Any other one is a mistake, most likely in spelling.</summary>
internal static class KnownKeys
{
    /// <exception cref="SettingsException">There is a key that the reference does not have.</exception>
    public static void Check(Config config)
    {
        var known = Leaves(ConfigurationLoader.Reference).ToHashSet(StringComparer.Ordinal);
        foreach (var key in Leaves(config))
        {
            if (known.Contains(key))
                continue;
            var nearest = known.MinBy(k => Distance(k, key))!;
            throw new SettingsException($"unknown setting {key}; the nearest known one is {nearest}");
        }
    }

    private static IEnumerable<string> Leaves(Config config)
    {
        // A merged configuration is a chain of layers, each with its own root.
        for (var layer = config; layer is not null && !layer.IsEmpty; layer = layer.Fallback)
        {
            if (layer.Root.GetObject()?.Items.GetValueOrDefault("failover")?.GetObject() is not { } failover)
                continue;
            foreach (var leaf in Leaves("failover", failover))
                yield return leaf;
        }
    }

    private static IEnumerable<string> Leaves(string path, HoconObject node)
    {
        foreach (var (key, value) in node.Items)
        {
            var child = $"{path}.{key}";
            if (value.GetObject() is not { } inner || !value.IsObject())
            {
                yield return child;
                continue;
            }

            foreach (var leaf in Leaves(child, inner))
                yield return leaf;
        }
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[b.Length];
    }
}
