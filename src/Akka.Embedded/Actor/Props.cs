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
            new ConstructorFactory(typeof(TActor), constructor, arguments),
            supervisorStrategy: supervisorStrategy
        );
    }

    internal static Props Create<TActor>(params object?[] args)
        where TActor : ActorBase => Create(typeof(TActor), args);

    internal static Props Create(Type type, params object?[] args) =>
        new(ConstructorFactory.Matching(type, args ?? [null]));

    /// <summary>From a producer of one's own, which is asked for each instance, also after a restart.</summary>
    public static Props CreateBy(IIndirectActorProducer producer, params object[] args) =>
        new(new ProducerFactory(producer, args));

    /// <summary>
    /// The engine's own actors: like an expression, without the expression's library, which a process need not load
    /// only to start some actors. The function is called again for a restart.
    /// </summary>
    internal static Props From<TActor>(Func<TActor> create)
        where TActor : ActorBase => new(new DelegateFactory(typeof(TActor), create));

    public Props WithDispatcher(string dispatcher) => new(_factory, dispatcher, SupervisorStrategy);

    internal Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) =>
        new(_factory, Dispatcher, supervisorStrategy);

    internal virtual ActorBase NewActor() => _factory.Create();

    /// <summary>The instance is not used any more.</summary>
    internal void Release(ActorBase actor) => _factory.Release(actor);

    public bool Equals(Props? other) =>
        other is not null
        && _factory.IsLike(other._factory)
        && Dispatcher == other.Dispatcher
        && Equals(SupervisorStrategy, other.SupervisorStrategy);

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
