using Akka.Actor;
using Akka.Configuration;
using Failover.Node.Configuration;
using Failover.Node.Lifeline;

namespace Failover.Node.Tests.Lifeline;

/// <summary>The dispatcher as the configuration has it, in systems of its own.</summary>
public sealed class LifelineDispatcherTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly ActorSystem _system = Start();

    public void Dispose() => _system.Dispose();

    [Fact]
    public async Task Its_actors_run_on_the_loop_s_own_thread()
    {
        var first = _system.ActorOf(Lifeline());
        var second = _system.ActorOf(Lifeline());

        var threads = new HashSet<Thread>
        {
            await first.Ask<Thread>("which", Soon),
            await second.Ask<Thread>("which", Soon),
            ThreadOf(_system),
        };

        Assert.False(Assert.Single(threads).IsThreadPoolThread);
    }

    [Fact]
    public async Task What_the_loop_tells_an_actor_is_handled_before_the_loop_sleeps_again()
    {
        var heard = new List<string>();
        var actor = _system.ActorOf(Props.Create(() => new Hearing(heard)).WithDispatcher(LifelineDispatcher.Path));
        await actor.Ask<ActorIdentity>(new Identify("ready"), Soon);

        LifelineDispatcher.LoopOf(_system).Run(() => actor.Tell("read on the loop"));
        // Comes behind it in the loop's work.
        LifelineDispatcher.LoopOf(_system).Run(() => Assert.Equal(["read on the loop"], heard));

        Assert.Equal(["read on the loop"], heard);
    }

    [Fact]
    public async Task An_actor_that_fails_takes_nobody_along()
    {
        var failing = _system.ActorOf(Props.Create(() => new Failing()).WithDispatcher(LifelineDispatcher.Path));
        failing.Tell("fail");

        Assert.Equal(ThreadOf(_system), await _system.ActorOf(Lifeline()).Ask<Thread>("which", Soon));
        Assert.Equal(ThreadOf(_system), await failing.Ask<Thread>("which", Soon));
    }

    [Fact]
    public async Task Each_system_has_a_loop_of_its_own_that_ends_with_it()
    {
        var other = Start();
        var (mine, theirs) = (ThreadOf(_system), ThreadOf(other));
        Assert.NotEqual(mine, theirs);

        await other.Terminate();

        Assert.True(theirs.Join(Soon));
        Assert.Equal(mine, await _system.ActorOf(Lifeline()).Ask<Thread>("which", Soon));
    }

    [Fact]
    public void Another_dispatcher_in_its_place_is_refused_by_name()
    {
        using var system = ActorSystem.Create(
            "other",
            ConfigurationFactory.ParseString($"{LifelineDispatcher.Path}.type = PinnedDispatcher")
        );

        var refused = Assert.Throws<SettingsException>(() => LifelineDispatcher.LoopOf(system));

        Assert.Contains($"{LifelineDispatcher.Path}.type", refused.Message);
    }

    internal static Config Settings { get; } =
        ConfigurationFactory.ParseString(
            $$"""
            {{LifelineDispatcher.Path}} {
              type = "{{typeof(LifelineDispatcherConfigurator).FullName}}, Failover.Node"
              throughput = 10
            }
            """
        );

    private static ActorSystem Start() =>
        ActorSystem.Create(
            "lifeline",
            ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }").WithFallback(Settings)
        );

    private static Props Lifeline() => Props.Create(() => new Failing()).WithDispatcher(LifelineDispatcher.Path);

    private static Thread ThreadOf(ActorSystem system)
    {
        Thread? thread = null;
        LifelineDispatcher.LoopOf(system).Run(() => thread = Thread.CurrentThread);
        return thread!;
    }

    private sealed class Failing : ReceiveActor
    {
        public Failing() =>
            Receive<string>(what =>
            {
                if (what == "fail")
                    throw new InvalidOperationException("on purpose");
                Sender.Tell(Thread.CurrentThread);
            });
    }

    private sealed class Hearing : ReceiveActor
    {
        public Hearing(List<string> heard) => Receive<string>(heard.Add);
    }
}
