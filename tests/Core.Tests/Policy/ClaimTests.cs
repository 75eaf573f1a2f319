using Failover.Core.Policy;
using Failover.Core.Replication;

namespace Failover.Core.Tests.Policy;

public sealed class ClaimTests
{
    private static readonly TimeSpan HungAfter = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(ReplicaRole.Promoting, true)]
    [InlineData(ReplicaRole.Primary, true)]
    [InlineData(ReplicaRole.Draining, true)]
    [InlineData(ReplicaRole.Candidate, false)]
    [InlineData(ReplicaRole.Standby, false)]
    [InlineData(ReplicaRole.Failed, false)]
    public void Whoever_leads_claims_the_lease(ReplicaRole role, bool claims) =>
        Assert.Equal(claims, Reports(role, idle: TimeSpan.Zero).Claims(HungAfter));

    [Fact]
    public void A_primary_that_hangs_claims_no_lease_so_that_it_can_be_replaced()
    {
        Assert.True(Reports(ReplicaRole.Primary, idle: HungAfter - TimeSpan.FromTicks(1)).Claims(HungAfter));
        Assert.False(Reports(ReplicaRole.Primary, idle: HungAfter).Claims(HungAfter));
    }

    [Fact]
    public void Whoever_gave_its_lease_back_claims_none() =>
        Assert.False((Reports(ReplicaRole.Draining, idle: TimeSpan.Zero) with { Released = true }).Claims(HungAfter));

    private static ReplicaReport Reports(ReplicaRole role, TimeSpan idle) =>
        new(
            new PartitionId(0),
            new ReplicaId(new NodeId("app1"), new DataId(Guid.Empty)),
            role,
            new Epoch(1),
            Position.Zero,
            0,
            Released: false,
            idle,
            Trouble: null
        );
}
