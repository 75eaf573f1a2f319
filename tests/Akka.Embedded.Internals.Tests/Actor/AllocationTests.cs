using Akka.Actor;

namespace Akka.Embedded.Internals.Tests.Actor;

/// <summary>What sending costs in bytes, on the thread that sends.</summary>
public sealed class AllocationTests : IAsyncLifetime
{
    // The task that the caller gets.
    private const int TaskBytes = 72;

    private static readonly object Message = new();

    private readonly ActorSystem _system = ActorSystem.Create("allocations");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public void A_tell_allocates_nothing()
    {
        var actor = _system.ActorOf(Props.Create(() => new Silent()));

        Assert.Equal(0, Fewest(() => actor.Tell(Message, ActorRefs.NoSender)));
    }

    [Fact]
    public void An_ask_allocates_the_task_and_one_object()
    {
        var actor = _system.ActorOf(Props.Create(() => new Silent()));

        Assert.Equal(TaskBytes + 48, Fewest(() => actor.Ask<object>(Message)));
    }

    [Fact]
    public void An_ask_with_a_limit_of_time_allocates_no_timer()
    {
        var actor = _system.ActorOf(Props.Create(() => new Silent()));

        Assert.Equal(TaskBytes + 72, Fewest(() => actor.Ask<object>(Message, TimeSpan.FromMinutes(1))));
    }

    /// <summary>Of many times, because a queue or a table grows now and then.</summary>
    private static long Fewest(Action action) =>
        Enumerable
            .Range(0, 100)
            .Min(_ =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                action();
                return GC.GetAllocatedBytesForCurrentThread() - before;
            });

    private sealed class Silent : ReceiveActor
    {
        public Silent() => ReceiveAny(static _ => { });
    }
}
