using Akka.Actor;

namespace Failover.Messages;

/// <summary>Says how an actor is made, with a constructor call that the compiler checks.</summary>
public static class ActorProps
{
    /// <summary>
    /// In place of <c>Props.Create(() => new Worker(name))</c>, which takes an expression: reading one loads the library of
    /// expressions and what it needs, 2 MB in every process.
    /// </summary>
    /// <param name="create">Is called on the actor's own thread, and again after a restart; let what it captures not change.</param>
    public static Props From<TActor>(Func<TActor> create)
        where TActor : ActorBase => Props.CreateBy(new Producer(typeof(TActor), create));

    private sealed class Producer(Type type, Func<ActorBase> create) : IIndirectActorProducer
    {
        public Type ActorType => type;

        public ActorBase Produce() => create();

        public void Release(ActorBase actor) { }
    }
}
