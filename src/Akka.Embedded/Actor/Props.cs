using System.Linq.Expressions;
using System.Reflection;

namespace Akka.Actor;

/// <summary>How to make an actor: its class, its constructor's arguments, where it runs. Immutable.</summary>
public class Props : IEquatable<Props>
{
    private readonly ActorFactory _factory;

    internal Props(ActorFactory factory, string? dispatcher = null, SupervisorStrategy? supervisorStrategy = null)
    {
        _factory = factory;
        Dispatcher = dispatcher ?? Dispatch.Dispatchers.DefaultDispatcherId;
        SupervisorStrategy = supervisorStrategy;
    }

    internal Type Type => _factory.Type;

    internal string Dispatcher { get; }

    /// <summary>Overrides the strategy that the actor itself names; null for none.</summary>
    internal SupervisorStrategy? SupervisorStrategy { get; }

    public object?[] Arguments => _factory.Arguments;

    /// <summary>From an expression such as <c>() => new Worker(name)</c>; the arguments are evaluated now, once.</summary>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        if (factory.Body is not NewExpression { Constructor: { } constructor } creation)
        {
            throw new ArgumentException("The create function must be a 'new T (args)' expression", nameof(factory));
        }

        var arguments = creation.Arguments.Select(Evaluate).ToArray();
        return new Props(
            new ActorFactory(typeof(TActor), constructor, arguments),
            supervisorStrategy: supervisorStrategy
        );
    }

    internal static Props Create<TActor>(params object?[] args)
        where TActor : ActorBase => Create(typeof(TActor), args);

    internal static Props Create(Type type, params object?[] args) => new(ActorFactory.Matching(type, args ?? [null]));

    public Props WithDispatcher(string dispatcher) => new(_factory, dispatcher, SupervisorStrategy);

    internal Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) =>
        new(_factory, Dispatcher, supervisorStrategy);

    internal virtual ActorBase NewActor() => _factory.Create();

    public bool Equals(Props? other) =>
        other is not null
        && Type == other.Type
        && Dispatcher == other.Dispatcher
        && Equals(SupervisorStrategy, other.SupervisorStrategy)
        && Arguments.SequenceEqual(other.Arguments);

    public override bool Equals(object? obj) => Equals(obj as Props);

    public override int GetHashCode() => HashCode.Combine(Type, Dispatcher, Arguments.Length);

    public override string ToString() => $"Props({Type.Name})";

    /// <summary>Most arguments are constants, captured variables, their fields and properties: nothing is compiled for those.</summary>
    private static object? Evaluate(Expression expression) =>
        expression switch
        {
            ConstantExpression constant => constant.Value,
            MemberExpression { Member: FieldInfo field } access => field.GetValue(Target(access)),
            MemberExpression { Member: PropertyInfo property } access => property.GetValue(
                Target(access),
                BindingFlags.DoNotWrapExceptions,
                null,
                null,
                null
            ),
            // To an interface or a base class: the reference stays what it is.
            UnaryExpression { NodeType: ExpressionType.Convert, Method: null } cast
                when !cast.Type.IsValueType
                    && !cast.Operand.Type.IsValueType
                    && cast.Type.IsAssignableFrom(cast.Operand.Type) => Evaluate(cast.Operand),
            _ => Expression.Lambda(expression).Compile(preferInterpretation: true).DynamicInvoke(),
        };

    private static object? Target(MemberExpression access) =>
        access.Expression is null ? null : Evaluate(access.Expression);
}

/// <summary>Calls one constructor with fixed arguments.</summary>
internal sealed class ActorFactory(Type type, ConstructorInfo constructor, object?[] arguments)
{
    private readonly ConstructorInvoker _invoker = ConstructorInvoker.Create(constructor);

    public Type Type { get; } = type;

    public object?[] Arguments { get; } = arguments;

    public static ActorFactory Matching(Type type, object?[] arguments)
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
            return new ActorFactory(type, constructor, [.. arguments, .. defaults]);
        }

        var given = string.Join(", ", arguments.Select(static a => a?.GetType().Name ?? "null"));
        throw new ArgumentException($"{type} has no constructor for ({given})", nameof(arguments));
    }

    public ActorBase Create() => (ActorBase)_invoker.Invoke(Arguments.AsSpan());

    private static bool Fits(Type parameter, object? argument) =>
        argument is null
            ? !parameter.IsValueType || Nullable.GetUnderlyingType(parameter) is not null
            : parameter.IsInstanceOfType(argument);
}
