using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using Akka.Serialization;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>Messages that arrive whole and mean harm.</summary>
public sealed class HostileMessageStories : RemoteStory
{
    [Fact]
    public async Task A_type_that_the_wire_names_is_never_looked_for()
    {
        var b = Start("b");
        var serializers = ((ExtendedActorSystem)b).Serialization;
        var warnings = Listen(b, typeof(Warning));
        var known = Enumerable
            .Range(-1000, 20_000)
            .Where(id => serializers.TrySerializerById(id) is not null)
            .ToArray();
        Assert.NotEmpty(known);

        foreach (var id in known)
        {
            var message = RemotingOf(b)
                .TryDeserialize([1, 2, 3, 4], id, typeof(Trap).AssemblyQualifiedName!, AddressOf(b));

            // Serializers without manifests make of the bytes what they always make.
            Assert.True(message is null or byte[], $"serializer {id} made {message}");
        }

        Assert.False(TrapRecord.WasSprung);
        Assert.Contains(nameof(Trap), (await warnings.Next<Warning>()).Message.ToString());
    }

    [Fact]
    public async Task A_message_larger_than_a_frame_may_be_is_published_as_dropped_where_it_is_sent()
    {
        var (a, b) = (Start("a"), Start("b"));
        var echo = await FindEcho(a, b);
        var dropped = Listen(a, typeof(Dropped));

        echo.Tell(new byte[200_000], ActorRefs.NoSender);

        Assert.IsType<byte[]>((await dropped.Next<Dropped>()).Message);
    }

    [Fact]
    public void Messages_within_messages_end_somewhere()
    {
        var b = Start("b");
        var serializer = new SystemSerializer((ExtendedActorSystem)b);
        object nested = new Status.Success("the core");
        for (var i = 0; i < 1_000; i++)
            nested = new Status.Success(nested);

        var bytes = serializer.ToBinary(nested);

        Assert.Null(
            RemotingOf(b).TryDeserialize(bytes, serializer.Identifier, serializer.Manifest(nested), AddressOf(b))
        );
        Assert.Equal(1, RemotingOf(b).RejectedSoFar);
    }

    [Fact]
    public void A_pattern_as_long_as_a_frame_is_no_pattern()
    {
        var b = Start("b");
        var serializer = new SystemSerializer((ExtendedActorSystem)b);
        var selection = new ActorSelectionMessage("hello", [new SelectChildPattern(new string('?', 300))]);

        var bytes = serializer.ToBinary(selection);

        Assert.Null(
            RemotingOf(b).TryDeserialize(bytes, serializer.Identifier, serializer.Manifest(selection), AddressOf(b))
        );
    }

    [Fact]
    public async Task In_untrusted_mode_nobody_elsewhere_watches()
    {
        var a = Start("a");
        var b = Start("b", """untrusted-mode = on, trusted-selection-paths = ["/user/echo"]""");
        var echo = await FindEcho(a, b);
        var here = Listen(a);
        var warnings = Listen(b, typeof(Warning));

        here.Ref.Tell(new WatchThat(echo));
        Assert.Contains("Watch", (await warnings.Next<Warning>()).Message.ToString());
        b.ActorSelection("/user/echo").Tell(PoisonPill.Instance, ActorRefs.NoSender);
        var gone = await a.ActorSelection(AddressOf(b) + "/user/echo").Ask<ActorIdentity>(new Identify(1), Soon);

        Assert.Null(gone.Subject);
        Assert.Empty(await here.Rest());
    }

    /// <summary>Tells when somebody loads it.</summary>
    private static class TrapRecord
    {
        public static bool WasSprung { get; set; }
    }

    public sealed class Trap
    {
        static Trap() => TrapRecord.WasSprung = true;
    }
}
