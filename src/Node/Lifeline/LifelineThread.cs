using Akka.Actor;

namespace Failover.Node.Lifeline;

/// <summary>
/// Threads for what blocks and must not hold up the loop: few, short-lived. They are not the pool's, which under load may be
/// seconds behind.
/// </summary>
internal static class LifelineThread
{
    public static Thread Start(string name, ThreadStart body)
    {
        var thread = new Thread(body, 256 << 10)
        {
            IsBackground = true,
            Name = name,
            Priority = ThreadPriority.AboveNormal,
        };
        thread.Start();
        return thread;
    }

    /// <summary>Runs <paramref name="work"/>, then tells <paramref name="owner"/> how it ended.</summary>
    public static Thread Start(string name, Action work, IActorRef owner) =>
        Start(
            name,
            () =>
            {
                Exception? failure = null;
                try
                {
                    work();
                }
                catch (Exception e)
                {
                    failure = e;
                }

                owner.Tell(new Done(failure), ActorRefs.NoSender);
            }
        );

    /// <param name="Failure">What the work threw, if it did.</param>
    public sealed record Done(Exception? Failure);
}
