using System.Runtime.ExceptionServices;
using Akka.Dispatch;

namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private ActorTaskScheduler? _taskScheduler;

    /// <summary>Runs an asynchronous handler; what it awaits comes back into the actor, the next message waits.</summary>
    public void RunTask(Func<Task> action)
    {
        var scheduler = _taskScheduler ??= new ActorTaskScheduler(this);
        var start = new Task<Task>(action);
        start.RunSynchronously(scheduler);
        if (start.Exception is { } failed)
            ExceptionDispatchInfo.Throw(failed.InnerException!);

        var task = start.Result;
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
            return;
        }

        var message = _envelope.Message;
        _asyncHandlers++;
        Mailbox.Suspend();
        task.ContinueWith(
            completed => SendSystemMessage(new ActorTaskCompleted(FailureOf(completed), message)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private void TaskCompleted(ActorTaskCompleted completed)
    {
        _asyncHandlers--;
        _envelope = default;
        Mailbox.Resume();
        if (completed.Failure is { } failure)
            HandleInvokeFailure(failure, completed.Message);
    }

    private static Exception? FailureOf(Task task) =>
        task.IsCanceled ? new TaskCanceledException(task) : task.Exception?.InnerException;
}
