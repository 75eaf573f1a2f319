using System.Collections.Immutable;
using Akka.Cluster.SBR;

namespace Akka.Embedded.Internals.Tests.Cluster.Campaign;

/// <summary>Everything that a run is, drawn from its seed: how many nodes, which strategy, what happens when.</summary>
/// <remarks>
/// In an <em>orderly</em> run the resolver's promise holds, so two live singletons are a violation. That is when:
/// <list type="number">
/// <item>
/// a split begins while all members are Up and agree: of one that is on its way in or out, the leader may take the next step
/// just when the split begins, and only its own side hears of it;
/// </item>
/// <item>it cuts every link between its groups and none within them;</item>
/// <item>it lasts until it heals as a whole, whenever that is; there is never another one beside it;</item>
/// <item>loss is so rare that nobody loses sight of a member of its own group for as long as <c>stable-after</c>;</item>
/// <item>nobody downs by hand a member that lives and cannot hear of it;</item>
/// <item>sides notice a split within <c>stable-after − down-all-when-unstable</c> of each other, which the defaults grant;</item>
/// <item>the first seed does not start while it can reach no other: it would begin a second cluster, as documented.</item>
/// </list>
/// Members may crash, restart, leave and join at any time. In any other run everything is allowed, and what must hold is
/// everything but that.
/// </remarks>
internal sealed record CampaignPlan
{
    public required int Seed { get; init; }

    public required int Nodes { get; init; }

    public required bool IsOrderly { get; init; }

    public required string Strategy { get; init; }

    public required ImmutableArray<(TimeSpan Pause, Fault Fault)> Faults { get; init; }

    public TimeSpan StableAfter => TimeSpan.FromSeconds(IsOrderly ? 20 : 5);

    public DowningStrategy? CreateStrategy() =>
        Strategy switch
        {
            "keep-majority" => new KeepMajority(""),
            "keep-majority of a role" => new KeepMajority("even"),
            "static-quorum" => new StaticQuorum(Nodes / 2 + 1, ""),
            "keep-oldest" => new KeepOldest(downIfAlone: true, ""),
            "keep-oldest even alone" => new KeepOldest(downIfAlone: false, ""),
            "down-all" => new DownAll(),
            _ => null,
        };

    public static CampaignPlan Draw(int seed)
    {
        var random = new Random(seed);
        var isOrderly = random.Next(2) == 0;
        var nodes = random.Next(8) == 0 ? random.Next(10, 21) : random.Next(3, 9);
        string[] strategies =
        [
            "keep-majority",
            "keep-majority of a role",
            "static-quorum",
            "keep-oldest",
            "keep-oldest even alone",
            "down-all",
            .. isOrderly ? (string[])[] : ["none"],
        ];
        return new CampaignPlan
        {
            Seed = seed,
            Nodes = nodes,
            IsOrderly = isOrderly,
            Strategy = strategies[random.Next(strategies.Length)],
            Faults =
            [
                .. Enumerable
                    .Range(0, random.Next(4, 16))
                    .Select(_ => (DrawPause(random, isOrderly), DrawFault(random, nodes, isOrderly))),
            ],
        };
    }

    public override string ToString() =>
        $"seed {Seed}: {Nodes} nodes, {Strategy}, {(IsOrderly ? "orderly" : "wild")}\n"
        + string.Join('\n', Faults.Select((f, i) => $"  {i}: after {f.Pause.TotalMilliseconds:0} ms {f.Fault}"));

    private static TimeSpan DrawPause(Random random, bool isOrderly) =>
        TimeSpan.FromMilliseconds(
            random.Next(4) switch
            {
                0 => random.Next(0, 20),
                1 => random.Next(0, 1000),
                2 => random.Next(0, 8000),
                _ => random.Next(0, isOrderly ? 60000 : 15000),
            }
        );

    private static Fault DrawFault(Random random, int nodes, bool isOrderly)
    {
        var i = random.Next(nodes);
        return random.Next(isOrderly ? 12 : 18) switch
        {
            0 or 1 => new Fault.Kill(i),
            2 or 3 or 4 => new Fault.Start(i),
            5 or 6 => new Fault.Leave(i),
            7 => new Fault.Down(random.Next(nodes), i),
            8 or 9 => new Fault.Split(DrawGroups(random, nodes, random.Next(4) == 0 ? 3 : 2)),
            10 => new Fault.Heal(),
            11 => new Fault.Weather(
                random.NextDouble() * (isOrderly ? 0.02 : 0.3),
                random.NextDouble() * 0.2,
                random.NextDouble() * 0.1,
                TimeSpan.FromMilliseconds(random.Next(10, isOrderly ? 500 : 5000))
            ),
            12 or 13 => new Fault.CutLink(i, random.Next(nodes)),
            14 => new Fault.CutOneWay(i, random.Next(nodes)),
            15 or 16 => new Fault.LeaveUnheard(i),
            _ => new Fault.CutSideOneWay(DrawGroups(random, nodes, 2)),
        };
    }

    private static ImmutableArray<int> DrawGroups(Random random, int nodes, int groups) =>
        [.. Enumerable.Range(0, nodes).Select(_ => random.Next(groups))];
}
