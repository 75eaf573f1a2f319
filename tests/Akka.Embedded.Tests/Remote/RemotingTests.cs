using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace Akka.Embedded.Tests.Remote;

public sealed class RemotingTests : RemoteSpec
{
    [Fact]
    public async Task Asks_an_actor_of_another_system()
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "echo");

        var echo = await Find(a, b, "/user/echo");

        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        Assert.Equal(AddressOf(b), echo.Path.Address);
    }

    [Fact]
    public async Task Selects_across_systems()
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "one");
        b.ActorOf(Props.Create(() => new Echo()), "two");
        var receiver = Receiver(a);

        a.ActorSelection(AddressOf(b) + "/user/*").Tell("all", receiver.Ref);

        Assert.Equal("all", await receiver.Next());
        Assert.Equal("all", await receiver.Next());
        var nobody = await a.ActorSelection(AddressOf(b) + "/user/nobody").Ask<ActorIdentity>(new Identify(1), Soon);
        Assert.Null(nobody.Subject);
    }

    [Fact]
    public async Task Keeps_the_order_between_two_actors()
    {
        const int count = 50_000;
        var a = Start("a");
        var b = Start("b");
        var receiver = Receiver(b);
        var remote = await Find(a, b, "/user/" + receiver.Ref.Path.Name);

        for (var i = 0; i < count; i++)
            remote.Tell(i, ActorRefs.NoSender);
        await remote.Ask<ActorIdentity>(new Identify(0), Soon);

        Assert.Equal(Enumerable.Range(0, count), (await receiver.Rest()).Cast<int>());
    }

    [Fact]
    public async Task Passes_references_that_lead_back()
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        var receiver = Receiver(a);
        var echo = await Find(a, b, "/user/echo");

        echo.Tell(receiver.Ref, receiver.Ref);

        Assert.Equal(receiver.Ref, await receiver.Next<IActorRef>());
        Assert.Equal(echo, receiver.LastSender);
    }

    [Fact]
    public async Task Tells_who_watches_that_an_actor_elsewhere_has_ended()
    {
        var a = Start("a");
        var b = Start("b");
        var watched = b.ActorOf(Props.Create(() => new Echo()), "watched");
        var receiver = Receiver(a);
        var remote = await Find(a, b, "/user/watched");
        await Watch(receiver, remote, b);

        watched.Tell(PoisonPill.Instance);

        var terminated = await receiver.Next<Terminated>();
        Assert.Equal(remote, terminated.ActorRef);
        Assert.True(terminated.ExistenceConfirmed);
        Assert.False(terminated.AddressTerminated);
    }

    [Fact]
    public async Task Tells_that_an_actor_has_ended_after_what_it_told_before()
    {
        const int count = 200;
        var a = Start("a");
        var b = Start("b");
        var receiver = Receiver(a);
        for (var i = 0; i < count; i++)
        {
            var name = $"worker{i}";
            b.ActorOf(Props.Create(() => new Echo()), name);
            var worker = await Find(a, b, "/user/" + name);
            receiver.Ref.Tell(new Actor.Spec.Watch(worker));
            worker.Tell(i, receiver.Ref);
            worker.Tell("and", receiver.Ref);
            worker.Tell(PoisonPill.Instance, receiver.Ref);

            Assert.Equal(i, await receiver.Next());
            Assert.Equal("and", await receiver.Next());
            Assert.Equal(worker, (await receiver.Next<Terminated>()).ActorRef);
        }
    }

    [Fact]
    public async Task Tells_who_watches_that_the_system_was_replaced_by_a_new_one()
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "watched");
        var receiver = Receiver(a);
        var remote = await Find(a, b, "/user/watched");
        receiver.Ref.Tell(new Actor.Spec.Watch(remote));
        await receiver.Rest();
        var port = AddressOf(b).Port!.Value;

        ((ExtendedActorSystem)b).Abort();
        await b.WhenTerminated;
        Start("b", port);

        var terminated = await receiver.Next<Terminated>();
        Assert.Equal(remote, terminated.ActorRef);
    }

    [Fact]
    public async Task Reaches_a_system_again_after_it_was_restarted()
    {
        var a = Start("a");
        var b = Start("b");
        var receiver = Receiver(a);
        a.EventStream.Subscribe(receiver.Ref, typeof(DisassociatedEvent));
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        await Find(a, b, "/user/echo");
        var port = AddressOf(b).Port!.Value;

        await b.Terminate();
        Assert.Equal(AddressOf(b), (await receiver.Next<DisassociatedEvent>()).RemoteAddress);
        var again = Start("b", port);
        again.ActorOf(Props.Create(() => new Echo()), "echo");

        var echo = await Find(a, again, "/user/echo");
        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
    }

    [Fact]
    public async Task Reaches_by_a_path_alone_whichever_system_answers_there()
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        var echo = ((ExtendedActorSystem)a).Provider.ResolveActorRef($"{AddressOf(b)}/user/echo");
        Assert.Equal("one", await echo.Ask<string>("one", Soon));
        var port = AddressOf(b).Port!.Value;

        ((ExtendedActorSystem)b).Abort();
        await b.WhenTerminated;
        var again = Start("b", port);
        again.ActorOf(Props.Create(() => new Echo()), "echo");

        Assert.Equal("two", await AskAgain(echo, "two"));
    }

    /// <summary>What is told while a connection is being made anew may get lost.</summary>
    private static async Task<string> AskAgain(IActorRef actor, string question)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await actor.Ask<string>(question, TimeSpan.FromSeconds(1));
            }
            catch (AskTimeoutException) when (attempt < 10) { }
    }

    [Fact]
    public async Task Makes_dead_letters_of_what_is_told_to_a_system_that_is_not_there()
    {
        var a = Start("a");
        var b = Start("b");
        var address = AddressOf(b);
        await b.Terminate();
        var receiver = Receiver(a);
        a.EventStream.Subscribe(receiver.Ref, typeof(DeadLetter));

        a.ActorSelection(address + "/user/nobody").Tell("lost", ActorRefs.NoSender);

        var letter = await receiver.Next<DeadLetter>();
        var message = letter.Message is ActorSelectionMessage selection ? selection.Message : letter.Message;
        Assert.Equal("lost", message);
    }

    [Fact]
    public async Task Drops_a_message_that_is_too_large_and_goes_on()
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        var echo = await Find(a, b, "/user/echo");
        var receiver = Receiver(a);

        echo.Tell(new byte[200_000], receiver.Ref);
        echo.Tell("small", receiver.Ref);

        Assert.Equal("small", await receiver.Next());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\u0005\0\0\0\u0001abcd")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    public async Task Serves_the_others_beside_a_connection_that_brings_garbage(string garbage)
    {
        var a = Start("a");
        var b = Start("b");
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        var echo = await Find(a, b, "/user/echo");

        using var stranger = new TcpClient("127.0.0.1", AddressOf(b).Port!.Value);
        await stranger.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(garbage));
        stranger.Client.Shutdown(SocketShutdown.Send);
        // Until the connection is closed or reset, by which time the garbage has been read.
        await Record.ExceptionAsync(() => stranger.GetStream().CopyToAsync(Stream.Null).WaitAsync(Soon));

        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
    }

    [Fact]
    public async Task Refuses_in_untrusted_mode_what_could_harm()
    {
        var a = Start("a");
        var b = Start("b", config: """akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/echo"] }""");
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        b.ActorOf(Props.Create(() => new Echo()), "secret");
        var echo = await Find(a, b, "/user/echo");

        echo.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        echo.Tell(Kill.Instance, ActorRefs.NoSender);

        Assert.Equal("alive", await echo.Ask<string>("alive", Soon));
        await Assert.ThrowsAsync<ActorNotFoundException>(() =>
            a.ActorSelection(AddressOf(b) + "/user/secret").ResolveOne(TimeSpan.FromMilliseconds(200))
        );
    }

    [Fact]
    public async Task Drops_and_logs_a_message_that_the_other_side_has_no_serializer_for_and_goes_on()
    {
        var serializer = $"{typeof(OnlyHere).FullName}, {typeof(OnlyHere).Assembly.GetName().Name}";
        var a = Start(
            "a",
            config: $$"""
            akka.actor {
              serializers.mine = "{{serializer}}"
              serialization-bindings."{{typeof(Unknown).AssemblyQualifiedName}}" = mine
              serialization-identifiers."{{serializer}}" = 4711
            }
            """
        );
        var b = Start("b", logLevel: "WARNING");
        b.ActorOf(Props.Create(() => new Echo()), "echo");
        var warnings = Receiver(b);
        b.EventStream.Subscribe(warnings.Ref, typeof(Warning));
        var echo = await Find(a, b, "/user/echo");

        echo.Tell(new Unknown(), ActorRefs.NoSender);

        Assert.Contains("4711", (await warnings.Next<Warning>()).Message.ToString());
        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
    }

    public sealed class Unknown;

    public sealed class OnlyHere(ExtendedActorSystem system) : Serialization.Serializer(system)
    {
        public override bool IncludeManifest => false;

        public override byte[] ToBinary(object obj) => [1];

        public override object FromBinary(byte[] bytes, Type? type) => new Unknown();
    }

    [Fact]
    public void Says_why_it_cannot_listen()
    {
        var a = Start("a");

        var error = Assert.ThrowsAny<Exception>(() => Start("b", AddressOf(a).Port!.Value));

        Assert.Contains(Causes(error), cause => cause is SocketException);
    }

    private static IEnumerable<Exception> Causes(Exception error)
    {
        var inner = error is AggregateException many ? many.InnerExceptions : [error.InnerException!];
        return inner.Where(cause => cause is not null).SelectMany(Causes).Prepend(error);
    }
}
