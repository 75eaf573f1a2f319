using System.Reflection;
using System.Text;
using Akka.Configuration;

namespace Akka.Embedded.Tests;

/// <summary>
/// The embedded engine offers a subset of Akka.NET's public API, exactly: <c>akka-api.subset.txt</c> holds the lines
/// of Akka.NET's own listing that the engine needs (<c>update-api-subset.sh</c> picks them), and the engine's types
/// are described in the same notation. Built on Akka.NET itself, the same file is checked against Akka.NET.
/// </summary>
public sealed class ApiSubsetTests
{
    private static readonly Dictionary<string, Listed> Listing = ReadListing();

    private static readonly IReadOnlyList<Type> Engine =
    [
        .. new[]
        {
            typeof(Config).Assembly,
            typeof(Akka.Cluster.Tools.Singleton.ClusterSingletonManager).Assembly,
            typeof(Akka.TestKit.Xunit2.TestKit).Assembly,
        }
            .SelectMany(WithEngineReferences)
            .Distinct()
            .SelectMany(ApiSurface.TypesOf),
    ];

    private static bool IsEmbedded => typeof(Config).Assembly.GetName().Name == "Akka.Embedded";

    [Fact]
    public void Everything_the_embedded_engine_offers_is_in_the_listing()
    {
        if (!IsEmbedded)
            return;

        var strangers = Engine.SelectMany(Strangers).ToList();

        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "akka-api.actual.txt"), Describe(Engine));
        Assert.True(strangers.Count == 0, $"Not in akka-api.subset.txt:\n{string.Join('\n', strangers)}");
    }

    [Fact]
    public void The_listing_holds_nothing_that_the_engine_lacks()
    {
        var offered = Engine.ToDictionary(ApiSurface.Header, type => ApiSurface.Members(type).ToHashSet());

        var stale = Listing.SelectMany(entry =>
            offered.TryGetValue(entry.Key, out var members)
                ? entry.Value.Members.Except(members).Select(member => $"{entry.Key}\n  {member}")
                : [entry.Key]
        );

        Assert.Empty(stale);
    }

    private static IEnumerable<string> Strangers(Type type)
    {
        var header = ApiSurface.Header(type);
        if (!Listing.TryGetValue(header, out var listed))
            return [header];
        return ApiSurface
            .BaseTypes(type)
            .Where(name => !listed.BaseTypes.Contains(name) && !IsAbove(name, listed.BaseTypes))
            .Select(name => $": {name}")
            .Concat(ApiSurface.Members(type).Except(listed.Members))
            .Select(line => $"{header}\n  {line}");
    }

    private static string Describe(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types)
        {
            var bases = string.Join(", ", ApiSurface.BaseTypes(type));
            text.Append(ApiSurface.Header(type)).Append(bases.Length == 0 ? "\n" : $" : {bases}\n");
            foreach (var member in ApiSurface.Members(type))
                text.Append("  ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Which of Akka.NET's assemblies refers to which is nothing to build on: all that can be reached are read.</summary>
    private static IEnumerable<Assembly> WithEngineReferences(Assembly assembly) =>
        assembly
            .GetReferencedAssemblies()
            .Where(name => name.Name!.StartsWith("Akka", StringComparison.Ordinal))
            .SelectMany(name => WithEngineReferences(Assembly.Load(name)))
            .Prepend(assembly);

    // Akka.NET has one more, unlisted class between the two; deriving from the upper one promises no more than it does.
    private static bool IsAbove(string name, HashSet<string> listed) =>
        (name == "ActorRefBase" && listed.Contains("MinimalActorRef"))
        || (name == "ActorBase" && listed.Any(above => above.StartsWith("FSM<", StringComparison.Ordinal)));

    private sealed record Listed(HashSet<string> BaseTypes, HashSet<string> Members);

    private static Dictionary<string, Listed> ReadListing()
    {
        Dictionary<string, Listed> listing = [];
        Listed? current = null;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "akka-api.subset.txt")))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                current!.Members.Add(line[2..]);
                continue;
            }

            var parts = line.Split("  [")[0].Split(" : ", 2);
            current = new Listed([.. parts.Length == 2 ? SplitTypes(parts[1]) : []], []);
            listing.Add(parts[0], current);
        }

        return listing;
    }

    /// <summary>Splits at commas that are not between angle brackets.</summary>
    private static IEnumerable<string> SplitTypes(string types)
    {
        var depth = 0;
        var start = 0;
        for (var index = 0; index <= types.Length; index++)
        {
            if (index == types.Length || (types[index] == ',' && depth == 0))
            {
                yield return types[start..index].Trim();
                start = index + 1;
            }
            else if (types[index] is '<' or '>')
            {
                depth += types[index] == '<' ? 1 : -1;
            }
        }
    }
}
