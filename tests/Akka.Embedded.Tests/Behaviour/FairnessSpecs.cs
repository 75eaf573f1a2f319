using Akka.Actor;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>Actors that share one thread take turns.</summary>
public sealed class FairnessSpecs()
    : Akka.TestKit.Xunit2.TestKit(
        "shared { type = ForkJoinDispatcher, throughput = 5, dedicated-thread-pool { thread-count = 1 } }"
    )
{
    [Fact]
    public void A_busy_actor_gives_way_after_as_many_messages_as_the_throughput_says()
    {
        using var release = new ManualResetEventSlim();
        var holder = Sharing(_ => release.Wait());
        var busy = Sharing(message => TestActor.Tell(message));
        var modest = Sharing(message => TestActor.Tell(message));

        holder.Tell("hold the thread");
        for (var number = 1; number <= 12; number++)
            busy.Tell(number);
        modest.Tell("my turn");
        release.Set();

        Assert.Equal([1, 2, 3, 4, 5, "my turn", 6, 7, 8, 9, 10, 11, 12], ReceiveN(13));
    }

    private IActorRef Sharing(Action<object> handle) =>
        Sys.ActorOf(Props.Create(() => new Handling(handle)).WithDispatcher("shared"));

    private sealed class Handling : ReceiveActor
    {
        public Handling(Action<object> handle) => ReceiveAny(message => handle(message));
    }
}
