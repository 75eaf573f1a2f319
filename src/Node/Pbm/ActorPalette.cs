using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Cluster;
using Failover.Messages;

namespace Failover.Node.Pbm;

/// <summary>The <c>actor</c> palette: which actors run here, as far as they say so themselves.</summary>
internal sealed class ActorPalette(ActorSystem system, TimeProvider time)
{
    private const int Deepest = 64;

    private readonly long _startedAt = time.GetTimestamp();
    private long _walks;

    public IEnumerable<PbmCommand> Commands =>
        [
            new("actor", "system", "", "the actor system", (words, _) => System(words).ToAsyncEnumerable()),
            new(
                "actor",
                "hierarchy",
                "[-d DEPTH] [-s PATH]",
                "the paths of the actors that answer, from PATH (/user) down to DEPTH levels below it",
                Hierarchy
            ),
        ];

    private IEnumerable<string> System(ImmutableArray<string> words)
    {
        PbmWords.None(words);
        var up = time.GetElapsedTime(_startedAt);
        return
        [
            $"name: {system.Name}",
            $"address: {Cluster.Get(system).SelfAddress}",
            $"uptime: {(int)up.TotalHours:00}:{up.Minutes:00}:{up.Seconds:00}",
            $"log level: {system.Settings.LogLevel}",
        ];
    }

    private async IAsyncEnumerable<string> Hierarchy(
        ImmutableArray<string> words,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var (start, depth) = Parse(words);
        var name = $"pbm-hierarchy-{Interlocked.Increment(ref _walks)}";
        var done = new TaskCompletionSource<HierarchyFound>(TaskCreationOptions.RunContinuationsAsynchronously);
        var walk = system.ActorOf(ActorProps.From(() => new HierarchyWalk(start, depth, done)), name);
        HierarchyFound found;
        try
        {
            found = await done.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            system.Stop(walk);
        }

        if (found.Paths.IsEmpty)
            throw new PbmRefusal($"no actor answers at {start}");
        foreach (var path in found.Paths)
            yield return path;
        if (!found.IsComplete)
            yield return "… and more: this is where counting ended";
        yield return PbmWords.Count(found.Paths.Length, "actor");
    }

    private static (string Start, int Depth) Parse(ImmutableArray<string> words)
    {
        var (start, depth) = ("/user", Deepest);
        for (var i = 0; i < words.Length; i += 2)
        {
            var value = i + 1 < words.Length ? words[i + 1] : throw new PbmRefusal($"'{words[i]}' lacks its value");
            switch (words[i])
            {
                case "-d":
                    depth = PbmWords.Number("-d", value, 0, Deepest);
                    break;
                case "-s" when IsPath(value):
                    start = value.TrimEnd('/');
                    break;
                case "-s":
                    throw new PbmRefusal($"-s takes a path such as /user/directory, not '{value}'");
                default:
                    throw new PbmRefusal($"'{words[i]}' is not expected here");
            }
        }

        return (start, depth);
    }

    // Only actors of this system, and no wildcards: what they match would not be one hierarchy.
    private static bool IsPath(string text) =>
        text.StartsWith('/') && text.Length > 1 && text[1..].TrimEnd('/').Split('/').All(ActorPath.IsValidPathElement);
}
