using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class PropsTests : Spec
{
    [Fact]
    public void The_arguments_of_an_expression_are_evaluated_once_when_the_props_are_made()
    {
        var source = new Source { Property = "property", Field = "field" };

        var props = Props.Create(() =>
            new Built(
                source.Property,
                source.Field,
                source.Property,
                source.Number,
                2 * source.Number,
                "constant",
                null
            )
        );
        (source.Property, source.Field, source.Number) = ("later", "later", 9);

        Assert.Equal(["property", "field", "property", 3, 6, "constant", null], props.Arguments);
    }

    [Fact]
    public void What_an_argument_throws_comes_out()
    {
        var source = new Source();

        var thrown = Assert.ThrowsAny<Exception>(() =>
            Props.Create(() => new Built(source.Throws, "", "", 0, 0, "", ""))
        );

        Assert.IsType<NotSupportedException>(thrown.GetBaseException());
    }

    [Fact]
    public async Task A_producer_makes_each_instance_and_gets_each_one_back()
    {
        var producer = new Fragile.Producer();
        var receiver = Receiver();
        var actor = Sys.ActorOf(Props.CreateBy(producer));

        actor.Tell("which?", receiver.Ref);
        Assert.Equal(1, await receiver.Next());
        actor.Tell("break", receiver.Ref);
        actor.Tell("which?", receiver.Ref);
        Assert.Equal(2, await receiver.Next());
        Assert.True(await actor.GracefulStop(Soon));

        Assert.Equal([1, 2], producer.Released);
    }

    [Fact]
    public void Props_are_equal_when_they_have_the_same_producer()
    {
        var producer = new Fragile.Producer();

        Assert.Equal(Props.CreateBy(producer), Props.CreateBy(producer));
        Assert.NotEqual(Props.CreateBy(producer), Props.CreateBy(new Fragile.Producer()));
        Assert.Equal(Props.Create(() => new Fragile(1)), Props.Create(() => new Fragile(1)));
        Assert.NotEqual(Props.Create(() => new Fragile(1)), Props.Create(() => new Fragile(2)));
    }

    private sealed class Fragile : ReceiveActor
    {
        private readonly int _number;

        public Fragile(int number)
        {
            _number = number;
            Receive<string>(m => m == "which?", _ => Sender.Tell(number));
            Receive<string>(_ => throw new InvalidOperationException("as asked"));
        }

        public sealed class Producer : IIndirectActorProducer
        {
            private int _made;

            public List<int> Released { get; } = [];

            public Type ActorType => typeof(Fragile);

            public ActorBase Produce() => new Fragile(++_made);

            public void Release(ActorBase actor) => Released.Add(((Fragile)actor)._number);
        }
    }

    private sealed class Source
    {
        public string Field = "";
        public int Number = 3;

        public string Property { get; set; } = "";

        public string Throws => throw new NotSupportedException("as asked");
    }

    private sealed class Built(string a, string b, object c, object d, int e, string f, string? g) : ReceiveActor
    {
        public object?[] All { get; } = [a, b, c, d, e, f, g];
    }
}
