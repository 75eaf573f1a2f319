using Akka.Actor;
using Akka.Cluster.Node;
using Akka.Configuration;

namespace Akka.Cluster.SBR;

/// <summary>The split brain resolver, as configured in <c>akka.cluster.split-brain-resolver</c>.</summary>
/// <remarks>The node itself waits and decides, in the same step as membership, so there is no actor.</remarks>
public class SplitBrainResolverProvider : IDowningProvider
{
    public SplitBrainResolverProvider(ActorSystem system, Cluster cluster) =>
        Options = Read(system.Settings.Config.GetConfig("akka.cluster.split-brain-resolver")!);

    public TimeSpan DownRemovalMargin => Options.StableAfter;

    public Props DowningActorProps => null!;

    internal SplitBrainOptions Options { get; }

    internal static SplitBrainOptions Read(Config config)
    {
        var name = config.GetString("active-strategy") ?? "";
        var role = config.GetString($"{name}.role", "") ?? "";
        DowningStrategy strategy = name switch
        {
            "keep-majority" => new KeepMajority(role),
            "static-quorum" => new StaticQuorum(QuorumSize(config), role),
            "keep-oldest" => new KeepOldest(config.GetBoolean("keep-oldest.down-if-alone", true), role),
            "down-all" => new DownAll(),
            _ => throw new ConfigurationException(
                $"akka.cluster.split-brain-resolver.active-strategy is [{name}]; it must be one of "
                    + "keep-majority, static-quorum, keep-oldest, down-all"
            ),
        };
        var stableAfter = config.GetTimeSpan("stable-after");
        return new SplitBrainOptions(strategy, stableAfter, DownAllWhenUnstable(config, stableAfter));
    }

    private static int QuorumSize(Config config) =>
        config.GetString("static-quorum.quorum-size") is { } size and not "undefined"
        && int.Parse(size) is > 0 and var n
            ? n
            : throw new ConfigurationException(
                "akka.cluster.split-brain-resolver.static-quorum.quorum-size must be set to a number above 0"
            );

    /// <summary>On: three quarters of the wait, and never so short that detection itself, spread over the nodes, looks unstable.</summary>
    private static TimeSpan? DownAllWhenUnstable(Config config, TimeSpan stableAfter) =>
        config.GetString("down-all-when-unstable", "on")?.ToLowerInvariant() switch
        {
            "off" or "false" => null,
            "on" or "true" => TimeSpan.FromTicks(Math.Max((stableAfter * 3 / 4).Ticks, TimeSpan.FromSeconds(4).Ticks)),
            _ => config.GetTimeSpan("down-all-when-unstable"),
        };
}
