using Akka.Actor;

namespace Akka.Event;

/// <summary>Who writes a log entry, as text and as a type.</summary>
public readonly struct LogSource
{
    private LogSource(string source, Type type)
    {
        Source = source;
        Type = type;
    }

    internal string Source { get; }

    internal Type Type { get; }

    internal static LogSource Create(object o, ActorSystem system) =>
        o switch
        {
            IActorContext context => new LogSource(FromActor(context, system), SourceType(o)),
            IActorRef actor => new LogSource(FromActorRef(actor, system), SourceType(o)),
            string text => new LogSource(FromString(text, system), typeof(DummyClassForStringSources)),
            Type type => new LogSource(FromType(type, system), type),
            _ => new LogSource(FromType(o.GetType(), system), o.GetType()),
        };

    internal static Type SourceType(object o) =>
        o switch
        {
            Type type => type,
            IActorContext context => context.Props.Type,
            IActorRef actor => actor.GetType(),
            string => typeof(DummyClassForStringSources),
            _ => o.GetType(),
        };

    internal static string FromType(Type t, ActorSystem system) => $"{Logging.SimpleName(t)} ({system})";

    internal static string FromString(string source, ActorSystem system) => $"{source} ({system})";

    internal static string FromActor(IActorContext actor, ActorSystem system) => FromActorRef(actor.Self, system);

    internal static string FromActorRef(IActorRef a, ActorSystem system) =>
        a.Path.ToStringWithAddress(((ExtendedActorSystem)system).Provider.DefaultAddress);
}

/// <summary>The class of log sources that are mere strings.</summary>
public class DummyClassForStringSources;
