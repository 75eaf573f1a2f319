namespace Akka.Actor;

/// <summary>Sending the outcome of a task to an actor as a message.</summary>
/// <remarks>A failure arrives as <see cref="Status.Failure"/> unless a function makes something else of it.</remarks>
public static class PipeToSupport
{
    public static Task PipeTo<T>(
        this Task<T> taskToPipe,
        ICanTell recipient,
        IActorRef? sender = null,
        Func<T, object>? success = null,
        Func<Exception, object>? failure = null
    ) => Pipe(new ValueTask<T>(taskToPipe), recipient, sender ?? ActorRefs.NoSender, success, failure);

    public static Task PipeTo(
        this Task taskToPipe,
        ICanTell recipient,
        IActorRef? sender = null,
        Func<object>? success = null,
        Func<Exception, object>? failure = null
    ) => Pipe(new ValueTask(taskToPipe), recipient, sender ?? ActorRefs.NoSender, success, failure);

    private static async Task Pipe<T>(
        ValueTask<T> task,
        ICanTell recipient,
        IActorRef sender,
        Func<T, object>? success,
        Func<Exception, object>? failure
    )
    {
        object message;
        try
        {
            var result = await task.ConfigureAwait(false);
            message = success is null ? result! : success(result);
        }
        catch (Exception e)
        {
            message = failure is null ? new Status.Failure(e) : failure(e);
        }

        recipient.Tell(message, sender);
    }

    private static async Task Pipe(
        ValueTask task,
        ICanTell recipient,
        IActorRef sender,
        Func<object>? success,
        Func<Exception, object>? failure
    )
    {
        object? message;
        try
        {
            await task.ConfigureAwait(false);
            message = success?.Invoke();
        }
        catch (Exception e)
        {
            message = failure is null ? new Status.Failure(e) : failure(e);
        }

        if (message is not null)
            recipient.Tell(message, sender);
    }
}
