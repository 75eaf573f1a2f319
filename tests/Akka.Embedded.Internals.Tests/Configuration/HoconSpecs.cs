using Akka.Configuration;

namespace Akka.Embedded.Internals.Tests.Configuration;

/// <summary>What the HOCON specification asks for beyond plain settings.</summary>
public sealed class HoconSpecs
{
    [Theory]
    [InlineData("a = one two  three ", "one two  three")]
    [InlineData("a = \"one\" two", "one two")]
    [InlineData("a = 1.2.3", "1.2.3")]
    [InlineData("a = -1e+5", "-1e+5")]
    [InlineData("b = x, a = ${b}-${b}", "x-x")]
    [InlineData("b = x, a = ${?none}${b} ${b}", "x x")]
    [InlineData("a = base, a = ${a}\":more\"", "base:more")]
    [InlineData("a = base, a = ${a}1, a = ${a}2", "base12")]
    [InlineData("b = { a = base }, b { a = ${b.a}1 }, a = ${b.a}", "base1")]
    [InlineData("{ \"a\" : \"json\" }", "json")]
    [InlineData("a = \"\\u0041\\t\\\"\\\\\"", "A\t\"\\")]
    [InlineData("\uFEFFa = bom", "bom")]
    [InlineData("a =\n  next", "next")]
    [InlineData("a = crlf\r\nb = 1\r\n", "crlf")]
    [InlineData("b { c { d = deep } }, b = ${b} { e = 1 }, a = ${b.c.d}", "deep")]
    [InlineData("x = { q = 1 }, b = ${x} { y = ${b.q}0 }, a = ${b.y}", "10")]
    [InlineData("x { foo = 42, bar = ${x.foo} }, a = ${x.bar}", "42")]
    [InlineData("b = { v = 1 }, c = ${b}, b = { v = 2 }, a = ${c.v}", "2")]
    [InlineData("include = key, a = ${include}", "key")]
    public void A_text_reads_as(string hocon, string expected) =>
        Assert.Equal(expected, ConfigurationFactory.ParseString(hocon).GetString("a"));

    [Theory]
    [InlineData("a = [1] [2, 3]", new[] { 1, 2, 3 })]
    [InlineData("a += 1, a += 2", new[] { 1, 2 })]
    [InlineData("a = [1], a += 2", new[] { 1, 2 })]
    [InlineData("b { c { a += 1 } }, b.c.a += 2, a = ${b.c.a}", new[] { 1, 2 })]
    [InlineData("b = [1, 2], a = ${b} [3]", new[] { 1, 2, 3 })]
    [InlineData("b = [1], b = ${b} [2], a = ${b}", new[] { 1, 2 })]
    [InlineData("a = [\n1\n2,\n3,\n]", new[] { 1, 2, 3 })]
    [InlineData("a = []", new int[0])]
    [InlineData("a = [1, ${?none}, 2]", new[] { 1, 2 })]
    public void A_list_reads_as(string hocon, int[] expected) =>
        Assert.Equal(expected, ConfigurationFactory.ParseString(hocon).GetIntList("a"));

    [Fact]
    public void Objects_beside_each_other_are_merged()
    {
        var config = ConfigurationFactory.ParseString(
            """
            base { x = 1, y = 1 }
            a = ${base} { y = 2 } { z = 3 }
            """
        );

        Assert.Equal(
            ["x=1", "y=2", "z=3"],
            config.GetConfig("a")!.AsEnumerable().Select(setting => $"{setting.Key}={setting.Value.GetString()}")
        );
    }

    [Fact]
    public void An_object_after_a_text_starts_anew()
    {
        var config = ConfigurationFactory.ParseString("a { x = 1 }, a = 5, a { y = 2 }");

        Assert.False(config.HasPath("a.x"));
        Assert.Equal(2, config.GetInt("a.y"));
    }

    [Fact]
    public void Null_hides_what_is_below_it()
    {
        var config = ConfigurationFactory.ParseString("a = null").WithFallback("a = 1");

        Assert.False(config.HasPath("a"));
        Assert.Equal(9, config.GetInt("a", 9));
        Assert.Equal("null", ConfigurationFactory.ParseString("a = \"null\"").GetString("a"));
    }

    [Fact]
    public void A_file_included_inside_a_key_lands_below_it()
    {
        var config = ConfigurationFactory.ParseString(
            """
            a { include required(file("x")), q = 2 }
            b = ${a.p}
            include "left out"
            """,
            name => name == "x" ? new(ConfigurationFactory.ParseString("p = 1, l = [1, { d = 2 }]").Root) : null
        );

        Assert.Equal(1, config.GetInt("b"));
        Assert.Equal(2, config.GetInt("a.q"));
        Assert.Equal(2, config.GetValue("a.l")!.GetArray()[1].GetObject()!.Items["d"].GetInt());
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("   # only a comment", "is empty")]
    [InlineData("{}", "is empty")]
    public void A_document_without_settings_is_empty(string hocon, string _) =>
        Assert.True(ConfigurationFactory.ParseString(hocon).IsEmpty);
}
