using Failover.Core;
using Failover.Core.Store;
using Failover.Node.Routing;

namespace Failover.MultiNode;

public sealed class PartitionSpecs
{
    private const int Partitions = 4;

    [Fact]
    public async Task An_update_lies_in_one_partition_or_is_refused_whole_and_a_tag_keeps_keys_together()
    {
        await using var formation = await Formation.Found(
            new FormationPlan().With($"failover.partitions = {Partitions}")
        );
        string[] apart = ["a", "b"];
        string[] together = ["{order7}.lines", "{order7}.total"];
        Assert.NotEqual(HashSlot.PartitionOf(apart[0], Partitions), HashSlot.PartitionOf(apart[1], Partitions));

        var refused = await Update(formation, apart);
        var done = await Update(formation, together);

        Assert.Equal(RefusalReason.Conflict, refused.Refusal?.Reason);
        Assert.Contains("{tag}", refused.Refusal!.Detail, StringComparison.Ordinal);
        var updated = Assert.IsType<CommandResult.Updated>(done.Value!.Result);
        Assert.Equal(together.Length, updated.Count);
        Assert.Equal(together, (await formation.Map("primary")).Keys);
    }

    private static Task<ServiceAnswer<WriteDone>> Update(Formation formation, string[] keys) =>
        formation["monitor1"]
            .Service.Write(
                new Command.Update([.. keys.Select(k => KeyValuePair.Create(k, "1"))]),
                null,
                TimeSpan.FromSeconds(20),
                CancellationToken.None
            );
}
