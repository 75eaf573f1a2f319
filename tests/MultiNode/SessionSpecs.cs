using Failover.Core;
using Failover.Core.Store;
using Failover.Node.Routing;

namespace Failover.MultiNode;

/// <summary>A retry is recognised, or refused; it is never carried out again, however many clients wrote in between.</summary>
public sealed class SessionSpecs
{
    private const int Remembered = 10_000;
    private const int AtOnce = 500;

    [Fact]
    public async Task A_retry_after_ten_thousand_other_clients_is_refused_by_every_primary_and_new_clients_are_not()
    {
        await using var formation = await Formation.Found(
            new FormationPlan().With("failover.replication.durability = memory")
        );
        var retried = new ClientStamp("x", 1, [Position.Zero]);
        var first = await formation.Put("monitor1", "mine", "1", retried);
        for (var done = 0; done < Remembered; done += AtOnce)
        {
            var from = done;
            await Task.WhenAll(
                Enumerable
                    .Range(0, AtOnce)
                    .Select(i => formation.Put("monitor1", "theirs", "1", new ClientStamp($"c{from + i}", 17)))
            );
        }

        var again = await Put(formation, retried);
        var epoch = formation.View.Epoch;
        await formation.Operate("monitor1", new Operation.Switchover(null, null));
        await formation.UntilLedAfter(epoch);
        var atTheNext = await Put(formation, retried);
        await formation.Put("monitor1", "new", "1", new ClientStamp("new", 17));

        Assert.Equal(RefusalReason.SessionExpired, again.Refusal?.Reason);
        Assert.Equal(RefusalReason.SessionExpired, atTheNext.Refusal?.Reason);
        var read = await formation["monitor1"].Service.Read("mine", false, TimeSpan.FromSeconds(20), default);
        Assert.Equal(((CommandResult.Stored)first.Result).Version, read.Value!.Value.Version);
    }

    private static Task<ServiceAnswer<WriteDone>> Put(Formation formation, ClientStamp stamp) =>
        formation["monitor1"].Service.Write(new Command.Put("mine", "2"), stamp, TimeSpan.FromSeconds(20), default);
}
