using Akka.Event;

namespace Akka.Actor;

/// <summary>What a supervisor does with a child that failed.</summary>
public enum Directive
{
    /// <summary>The failing message is dropped, the child goes on with its state.</summary>
    Resume,

    /// <summary>A new instance takes the child's place; its mailbox stays.</summary>
    Restart,

    /// <summary>The supervisor fails itself.</summary>
    Escalate,

    /// <summary>The child ends.</summary>
    Stop,
}

/// <summary>Decides by the exception.</summary>
public interface IDecider
{
    Directive Decide(Exception cause);
}

/// <summary>A decider that is any function.</summary>
public class LocalOnlyDecider : IDecider
{
    private readonly Func<Exception, Directive> _decider;

    internal LocalOnlyDecider(Func<Exception, Directive> decider) => _decider = decider;

    public Directive Decide(Exception cause) => _decider(cause);
}

/// <summary>What an actor does when its children fail.</summary>
public abstract class SupervisorStrategy
{
    /// <summary>Stops what could not be created or was killed, restarts the rest.</summary>
    internal static readonly SupervisorStrategy DefaultStrategy = new OneForOneStrategy(DefaultDecide);

    /// <summary>Stops whatever fails.</summary>
    public static readonly OneForOneStrategy StoppingStrategy = new(static _ => Directive.Stop);

    internal SupervisorStrategy() { }

    public abstract IDecider Decider { get; }

    internal bool LoggingEnabled { get; set; } = true;

    protected abstract Directive Handle(IActorRef child, Exception exception);

    /// <returns>False when the supervisor must fail itself.</returns>
    internal bool HandleFailure(
        ActorCell supervisor,
        IInternalActorRef child,
        Exception cause,
        ChildStats stats,
        ChildStats[] children
    )
    {
        var directive = Handle(child, cause);
        LogFailure(supervisor, child, cause, directive);
        switch (directive)
        {
            case Directive.Escalate:
                return false;
            case Directive.Resume:
                child.Resume(cause);
                return true;
            default:
                ProcessFailure(supervisor, directive == Directive.Restart, child, cause, stats, children);
                return true;
        }
    }

    internal abstract void ProcessFailure(
        ActorCell supervisor,
        bool restart,
        IInternalActorRef child,
        Exception cause,
        ChildStats stats,
        ChildStats[] children
    );

    internal virtual void LogFailure(IActorContext context, IActorRef child, Exception cause, Directive directive)
    {
        if (!LoggingEnabled || directive == Directive.Escalate)
            return;
        var message = cause is ActorInitializationException { InnerException: { } inner }
            ? inner.Message
            : cause.Message;
        object entry =
            directive == Directive.Resume
                ? new Warning(cause, child.Path.ToString(), GetType(), message)
                : new Error(cause, child.Path.ToString(), GetType(), message);
        context.System.EventStream.Publish(entry);
    }

    private static Directive DefaultDecide(Exception cause) =>
        cause is ActorInitializationException or ActorKilledException or DeathPactException
            ? Directive.Stop
            : Directive.Restart;
}

/// <summary>Treats each child by itself.</summary>
public class OneForOneStrategy : SupervisorStrategy
{
    public OneForOneStrategy(
        int? maxNrOfRetries,
        TimeSpan? withinTimeRange,
        Func<Exception, Directive> localOnlyDecider
    )
        : this(maxNrOfRetries, withinTimeRange, new LocalOnlyDecider(localOnlyDecider)) { }

    internal OneForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, StrategyLimits.Milliseconds(withinTimeRange), decider) { }

    internal OneForOneStrategy(
        int maxNrOfRetries,
        int withinTimeMilliseconds,
        Func<Exception, Directive> localOnlyDecider,
        bool loggingEnabled = true
    )
        : this(maxNrOfRetries, withinTimeMilliseconds, new LocalOnlyDecider(localOnlyDecider), loggingEnabled) { }

    internal OneForOneStrategy(
        int maxNrOfRetries,
        int withinTimeMilliseconds,
        IDecider decider,
        bool loggingEnabled = true
    )
    {
        MaxNumberOfRetries = maxNrOfRetries;
        WithinTimeRangeMilliseconds = withinTimeMilliseconds;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider) { }

    /// <summary>How many restarts are granted; negative is without limit.</summary>
    internal int MaxNumberOfRetries { get; }

    /// <summary>Within which span they count; negative is for ever.</summary>
    internal int WithinTimeRangeMilliseconds { get; }

    public override IDecider Decider { get; }

    protected override Directive Handle(IActorRef child, Exception exception) => Decider.Decide(exception);

    internal override void ProcessFailure(
        ActorCell supervisor,
        bool restart,
        IInternalActorRef child,
        Exception cause,
        ChildStats stats,
        ChildStats[] children
    )
    {
        if (restart && stats.RequestRestartPermission(MaxNumberOfRetries, WithinTimeRangeMilliseconds))
            child.Restart(cause);
        else
            supervisor.Stop(child);
    }
}

/// <summary>Treats all children as the failed one.</summary>
public class AllForOneStrategy : SupervisorStrategy
{
    public AllForOneStrategy(
        int? maxNrOfRetries,
        TimeSpan? withinTimeRange,
        Func<Exception, Directive> localOnlyDecider
    )
        : this(maxNrOfRetries, withinTimeRange, new LocalOnlyDecider(localOnlyDecider)) { }

    internal AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, StrategyLimits.Milliseconds(withinTimeRange), decider) { }

    internal AllForOneStrategy(
        int maxNrOfRetries,
        int withinTimeMilliseconds,
        Func<Exception, Directive> localOnlyDecider,
        bool loggingEnabled = true
    )
        : this(maxNrOfRetries, withinTimeMilliseconds, new LocalOnlyDecider(localOnlyDecider), loggingEnabled) { }

    internal AllForOneStrategy(
        int maxNrOfRetries,
        int withinTimeMilliseconds,
        IDecider decider,
        bool loggingEnabled = true
    )
    {
        MaxNumberOfRetries = maxNrOfRetries;
        WithinTimeRangeMilliseconds = withinTimeMilliseconds;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    public AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider) { }

    /// <summary>How many restarts are granted; negative is without limit.</summary>
    internal int MaxNumberOfRetries { get; }

    /// <summary>Within which span they count; negative is for ever.</summary>
    internal int WithinTimeRangeMilliseconds { get; }

    public override IDecider Decider { get; }

    protected override Directive Handle(IActorRef child, Exception exception) => Decider.Decide(exception);

    internal override void ProcessFailure(
        ActorCell supervisor,
        bool restart,
        IInternalActorRef child,
        Exception cause,
        ChildStats stats,
        ChildStats[] children
    )
    {
        // Every child's permission is asked, also when one has been refused: each of them counts the attempt.
        var permitted = children.Count(other =>
            other.RequestRestartPermission(MaxNumberOfRetries, WithinTimeRangeMilliseconds)
        );
        if (!restart || permitted < children.Length)
        {
            foreach (var other in children)
                supervisor.Stop(other.Child);
            return;
        }

        foreach (var other in children)
        {
            if (!other.Child.Equals(child))
                other.Child.Suspend();
            other.Child.Restart(cause);
        }
    }
}

file static class StrategyLimits
{
    public static int Milliseconds(TimeSpan? span) =>
        span is { } value && value != Timeout.InfiniteTimeSpan ? (int)value.TotalMilliseconds : -1;
}

/// <summary>Makes the strategy of the guardian of all user actors, by the name in the configuration.</summary>
public abstract class SupervisorStrategyConfigurator
{
    internal SupervisorStrategyConfigurator() { }

    public abstract SupervisorStrategy Create();
}

/// <summary>The default strategy.</summary>
public class DefaultSupervisorStrategy : SupervisorStrategyConfigurator
{
    public override SupervisorStrategy Create() => SupervisorStrategy.DefaultStrategy;
}

/// <summary>Stops whatever fails.</summary>
public class StoppingSupervisorStrategy : SupervisorStrategyConfigurator
{
    public override SupervisorStrategy Create() => SupervisorStrategy.StoppingStrategy;
}
