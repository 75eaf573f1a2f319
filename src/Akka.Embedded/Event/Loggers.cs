using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Event;

/// <summary>The first message to a logger; it answers with <see cref="LoggerInitialized"/>.</summary>
public class InitializeLogger : INoSerializationVerificationNeeded
{
    internal InitializeLogger(LoggingBus loggingBus) => LoggingBus = loggingBus;

    internal LoggingBus LoggingBus { get; }
}

/// <summary>A logger's word that it is ready.</summary>
public class LoggerInitialized : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>A logger that is no actor, for what happens before there are any.</summary>
public abstract class MinimalLogger : ActorRefBase, IInternalActorRef
{
    public sealed override ActorPath Path { get; } =
        new RootActorPath(new Address("akka", "all-systems"), "/StandardOutLogger");

    IInternalActorRef IInternalActorRef.Parent => ActorRefs.Nobody;

    bool IInternalActorRef.IsLocal => true;

    bool IInternalActorRef.IsTerminated => false;

    IInternalActorRef IInternalActorRef.GetChild(ReadOnlySpan<string> name) => ActorRefs.Nobody;

    void IInternalActorRef.SendSystemMessage(SystemMessage message) { }

    void IInternalActorRef.Stop() { }

    protected sealed override void TellInternal(object message, IActorRef? sender) => Log(message);

    protected abstract void Log(object message);
}

/// <summary>Prints log entries to standard output.</summary>
public class StandardOutLogger : MinimalLogger
{
    protected override void Log(object message)
    {
        if (message is LogEvent entry)
            Console.Out.WriteLine(entry.ToString());
    }
}

/// <summary>The logger in case none is configured: prints to standard output.</summary>
public class DefaultLogger : ActorBase
{
    private readonly StandardOutLogger _out = new();

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized(), Self);
                return true;
            case LogEvent entry:
                Print(entry);
                return true;
            default:
                return false;
        }
    }

    internal virtual void Print(LogEvent logEvent) => _out.Tell(logEvent, Self);
}

/// <summary>Logs dead letters, up to a number.</summary>
internal sealed class DeadLetterListener : ActorBase
{
    private readonly int _limit;
    private int _count;

    public DeadLetterListener(int limit) => _limit = limit;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(Dropped));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter)
            return false;
        var last = ++_count >= _limit;
        var reason = letter is Dropped dropped ? $"was dropped: {dropped.Reason}" : "was not delivered";
        Context.System.EventStream.Publish(
            new Info(
                letter.Recipient.Path.ToString(),
                letter.Recipient.GetType(),
                $"Message [{letter.Message.GetType().Name}] from {letter.Sender} to {letter.Recipient} {reason}. "
                    + $"[{_count}] dead letters encountered{(last ? ", no more dead letters will be logged" : "")}. "
                    + "This logging can be turned off or adjusted with configuration settings 'akka.log-dead-letters' "
                    + "and 'akka.log-dead-letters-during-shutdown'."
            )
        );
        if (last)
            Context.Stop(Self);
        return true;
    }
}
