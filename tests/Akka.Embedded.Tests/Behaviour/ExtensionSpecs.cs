using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>What exists once for each actor system.</summary>
public sealed class ExtensionSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public async Task An_extension_exists_once_for_each_system()
    {
        var id = new TallyId();
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => id.Get(Sys))));
        var tally = Assert.Single(all.Distinct());
        Assert.Same(Sys, tally.System);

        Assert.Same(tally, Sys.RegisterExtension(id));
        Assert.Same(tally, Sys.WithExtension<Tally>());
        var other = ActorSystem.Create("other");
        Assert.False(other.HasExtension<Tally>());
        Assert.NotSame(tally, id.Get(other));
        Assert.True(other.HasExtension<Tally>());
        await other.Terminate();
    }

    [Fact]
    public async Task A_configured_extension_is_there_from_the_start()
    {
        var name = typeof(TallyId).AssemblyQualifiedName;
        var system = ActorSystem.Create(
            "configured",
            ConfigurationFactory.ParseString($"akka.extensions = [\"{name}\"]")
        );

        Assert.True(system.HasExtension<Tally>());
        await system.Terminate();
    }

    public sealed class Tally(ExtendedActorSystem system) : IExtension
    {
        public ActorSystem System { get; } = system;
    }

    public sealed class TallyId : ExtensionIdProvider<Tally>
    {
        public override Tally CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
