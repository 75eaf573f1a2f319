using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Event;

public sealed class LoggingTests : Spec
{
    private static readonly System.Collections.Concurrent.ConcurrentQueue<LogEvent> Logged = new();

    [Fact]
    public async Task Starts_the_configured_loggers_and_gives_them_what_is_at_least_of_the_level()
    {
        var name = typeof(CollectingLogger).AssemblyQualifiedName;
        var system = ActorSystem.Create(
            "logging",
            ConfigurationFactory.ParseString(
                $$"""akka { loggers = ["{{name}}"], loglevel = WARNING, stdout-loglevel = OFF }"""
            )
        );
        var log = Logging.GetLogger(system, "me");

        log.Info("not {0}", "seen");
        log.Warning("seen {0}", 1);
        log.Error(new InvalidOperationException("why"), "seen too");
        await system.Terminate();

        var mine = Logged.Where(entry => entry.LogSource.StartsWith("me", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["seen 1", "seen too"], mine.Select(entry => entry.Message.ToString()));
        Assert.Equal([LogLevel.WarningLevel, LogLevel.ErrorLevel], mine.Select(entry => entry.LogLevel()));
        Assert.Equal("why", mine[1].Cause!.Message);
    }

    [Fact]
    public async Task Publishes_to_subscribers_of_the_type_and_of_its_bases_until_they_unsubscribe_or_end()
    {
        var one = Receiver();
        Sys.EventStream.Subscribe(one.Ref, typeof(IFruit));
        Assert.False(Sys.EventStream.Subscribe(one.Ref, typeof(IFruit)));

        Sys.EventStream.Publish("no fruit");
        Sys.EventStream.Publish(new Apple(1));
        Assert.Equal(new Apple(1), await one.Next());

        Assert.True(Sys.EventStream.Unsubscribe(one.Ref));
        Sys.EventStream.Publish(new Apple(2));
        Assert.Empty(await one.Rest());
    }

    [Fact]
    public async Task Logs_what_failed_under_the_name_of_the_actor()
    {
        var errors = Receiver();
        Sys.EventStream.Subscribe(errors.Ref, typeof(Error));
        var failing = Sys.ActorOf(Props.Create(() => new Failing()), "failing");

        failing.Tell("x");

        var error = await errors.Next<Error>();
        Assert.Equal("akka://spec/user/failing", error.LogSource);
        Assert.Equal("boom", error.Cause!.Message);
        Assert.Equal("boom", error.Message);
    }

    private interface IFruit;

    private sealed record Apple(int Number) : IFruit;

    private sealed class Failing : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException("boom");
    }

    private sealed class CollectingLogger : ReceiveActor
    {
        public CollectingLogger()
        {
            Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
            Receive<LogEvent>(Logged.Enqueue);
        }
    }
}
