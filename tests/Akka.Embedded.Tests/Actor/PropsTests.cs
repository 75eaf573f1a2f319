using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class PropsTests
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
