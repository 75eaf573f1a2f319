using System.Reflection;

namespace Akka.Actor;

/// <summary>Makes the instances of one actor: the first, and one for each restart.</summary>
internal abstract class ActorFactory(Type type, object?[] arguments)
{
    public Type Type { get; } = type;

    public object?[] Arguments { get; } = arguments;

    public abstract ActorBase Create();

    public virtual void Release(ActorBase actor) { }

    /// <summary>Whether the other one makes the same actors.</summary>
    public virtual bool IsLike(ActorFactory other) => ReferenceEquals(this, other);
}

/// <summary>Calls one constructor with fixed arguments.</summary>
internal sealed class ConstructorFactory(Type type, ConstructorInfo constructor, object?[] arguments)
    : ActorFactory(type, arguments)
{
    private readonly ConstructorInvoker _invoker = ConstructorInvoker.Create(constructor);

    public static ConstructorFactory Matching(Type type, object?[] arguments)
    {
        const BindingFlags anyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        if (!typeof(ActorBase).IsAssignableFrom(type) || type.IsAbstract)
            throw new ArgumentException($"{type} is no actor class that can be instantiated", nameof(type));
        foreach (var constructor in type.GetConstructors(anyInstance).OrderBy(static c => c.GetParameters().Length))
        {
            var parameters = constructor.GetParameters();
            if (parameters.Length < arguments.Length)
                continue;
            if (parameters.Skip(arguments.Length).Any(static p => !p.IsOptional))
                continue;
            if (arguments.Where((argument, i) => !Fits(parameters[i].ParameterType, argument)).Any())
                continue;
            var defaults = parameters.Skip(arguments.Length).Select(static p => p.DefaultValue);
            return new ConstructorFactory(type, constructor, [.. arguments, .. defaults]);
        }

        var given = string.Join(", ", arguments.Select(static a => a?.GetType().Name ?? "null"));
        throw new ArgumentException($"{type} has no constructor for ({given})", nameof(arguments));
    }

    public override ActorBase Create() => (ActorBase)_invoker.Invoke(Arguments.AsSpan());

    public override bool IsLike(ActorFactory other) =>
        other is ConstructorFactory && Type == other.Type && Arguments.SequenceEqual(other.Arguments);

    private static bool Fits(Type parameter, object? argument) =>
        argument is null
            ? !parameter.IsValueType || Nullable.GetUnderlyingType(parameter) is not null
            : parameter.IsInstanceOfType(argument);
}

/// <summary>Asks somebody else's producer.</summary>
internal sealed class ProducerFactory(IIndirectActorProducer producer, object?[] arguments)
    : ActorFactory(producer.ActorType, arguments)
{
    private readonly IIndirectActorProducer _producer = producer;

    public override ActorBase Create() => _producer.Produce();

    public override void Release(ActorBase actor) => _producer.Release(actor);

    public override bool IsLike(ActorFactory other) =>
        other is ProducerFactory { _producer: var its }
        && ReferenceEquals(_producer, its)
        && Arguments.SequenceEqual(other.Arguments);
}

/// <summary>Calls a function.</summary>
internal sealed class DelegateFactory(Type type, Func<ActorBase> create) : ActorFactory(type, [])
{
    public override ActorBase Create() => create();
}
