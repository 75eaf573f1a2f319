using System.Globalization;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Stopping an actor and waiting for its end.</summary>
public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) =>
        target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>Sends <paramref name="stopMessage"/> and waits for the end; cancelled when it does not come in time.</summary>
    internal static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var ended = target.WatchAsync(CancellationToken.None);
        target.Tell(stopMessage, ActorRefs.NoSender);
        try
        {
            return await ended.WaitAsync(timeout).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new TaskCanceledException($"{target} did not stop within {timeout}", e);
        }
    }
}

/// <summary>Waiting for an actor's end outside of actors.</summary>
public static class WatchAsyncSupport
{
    /// <summary>Completes with true when <paramref name="target"/> has ended.</summary>
    public static async Task<bool> WatchAsync(this IActorRef target, CancellationToken token = default)
    {
        var watchee = (IInternalActorRef)target;
        var watcher = new Watcher();
        watchee.SendSystemMessage(new Watch(watchee, watcher));
        try
        {
            return await watcher.Ended.WaitAsync(token).ConfigureAwait(false);
        }
        finally
        {
            if (!watcher.Ended.IsCompleted)
                watchee.SendSystemMessage(new Unwatch(watchee, watcher));
        }
    }

    private sealed class Watcher : MinimalActorRef
    {
        private static long _number;
        private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> Ended => _ended.Task;

        public override ActorPath Path { get; } =
            new RootActorPath(Address.AllSystems)
            / "watch"
            / Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture);

        public override void SendSystemMessage(SystemMessage message)
        {
            if (message is DeathWatchNotification)
                _ended.TrySetResult(true);
        }
    }
}
