using Akka.Actor;
using Failover.Node.Hosting;

namespace Failover.Node.Tests.Hosting;

public sealed class VitalActorsTests : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public async Task A_node_ends_with_the_first_actor_that_it_cannot_do_without()
    {
        var (one, other) = (CreateTestProbe(), CreateTestProbe("router"));
        var vital = Sys.ActorOf(Props.Create(() => new VitalActors()));
        vital.Tell(new VitalActors.Needed(one));
        vital.Tell(new VitalActors.Needed(other));

        Sys.Stop(other);

        await Sys.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
