using Akka.Configuration;
using Akka.Configuration.Hocon;
using FsCheck;
using FsCheck.Fluent;
using Config = Akka.Configuration.Config;

namespace Akka.Embedded.Internals.Tests.Configuration;

public sealed class HoconProperties
{
    [Fact]
    public void What_is_written_reads_back_the_same() =>
        Prop.ForAll(
                Arb.From(Objects(depth: 3)),
                settings =>
                {
                    var written = new Config(new HoconRoot(HoconValue.Of(settings))).ToString();

                    var read = ConfigurationFactory.ParseString(written);

                    Assert.Equal(written, read.ToString());
                    Assert.Equal(Leaves(settings), Leaves(read.Root.GetObject()!));
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_does_worse_than_to_be_refused_with_its_place() =>
        Prop.ForAll(
                Arb.From(Gen.ListOf(Gen.Elements(Pieces)).Select(string.Concat)),
                text =>
                {
                    try
                    {
                        ConfigurationFactory.ParseString(text);
                    }
                    catch (ConfigurationException refused)
                    {
                        Assert.Contains("(string, line ", refused.Message, StringComparison.Ordinal);
                    }
                }
            )
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Merging_is_associative() =>
        Prop.ForAll(
                Arb.From(Gen.Three(Objects(depth: 2))),
                three =>
                {
                    var (a, b, c) = (ToConfig(three.Item1), ToConfig(three.Item2), ToConfig(three.Item3));

                    Assert.Equal(
                        Leaves(a.WithFallback(b).WithFallback(c).Root.GetObject()!).Order(),
                        Leaves(a.WithFallback(b.WithFallback(c)).Root.GetObject()!).Order()
                    );
                }
            )
            .QuickCheckThrowOnFailure();

    private static readonly string[] Pieces =
    [
        "a",
        "b.c",
        " = ",
        ":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\n",
        "\"q\"",
        "\"\"\"",
        "\"",
        "${a}",
        "${?b.c}",
        "${",
        "+=",
        "#",
        "//",
        "\\",
        "\\u00",
        "1",
        "null",
        " ",
        "include \"x\"",
        "$",
        "é",
    ];

    private static readonly Gen<string> Texts = Gen.Elements(
        "",
        "x",
        "two words",
        "50 ms",
        "null",
        "true",
        "${a}",
        "\"",
        "\\",
        "\t",
        "line\nline",
        "a.b",
        "#",
        "é",
        " "
    );

    private static readonly Gen<string> Keys = Gen.Elements("a", "b", "c", "d.e", "", "include", "é", "+", "\"", "a b");

    private static Config ToConfig(HoconObject settings) => new(new HoconRoot(HoconValue.Of(settings)));

    private static Gen<HoconValue> Values(int depth) =>
        depth == 0
            ? Literals
            : Gen.OneOf(
                Literals,
                Objects(depth).Select(each => HoconValue.Of(each)),
                Gen.ListOf(Values(depth - 1)).Select(items => HoconValue.Of(ToArray(items)))
            );

    private static Gen<HoconValue> Literals =>
        Gen.OneOf(Texts, Gen.Constant((string?)null)!).Select(text => HoconValue.Of(new HoconLiteral { Value = text }));

    private static Gen<HoconObject> Objects(int depth) =>
        Gen.ListOf(Gen.Zip(Keys, Values(depth - 1))).Select(pairs => ToObject(pairs));

    private static HoconObject ToObject(IEnumerable<(string Key, HoconValue Value)> pairs)
    {
        var made = new HoconObject();
        foreach (var (key, value) in pairs)
            made.Items[key] = value;
        return made;
    }

    private static HoconArray ToArray(IEnumerable<HoconValue> items)
    {
        var made = new HoconArray();
        made.AddRange(items);
        return made;
    }

    private static IEnumerable<string> Leaves(HoconObject settings) =>
        settings.Items.SelectMany(setting => Leaves(setting.Value).Select(leaf => $"{setting.Key}/{leaf}"));

    private static IEnumerable<string> Leaves(HoconValue value)
    {
        if (value.GetObject() is { } nested)
            return Leaves(nested).Prepend("{}");
        return value.IsArray() ? value.GetArray().SelectMany(Leaves).Prepend("[]") : [value.GetString() ?? "<null>"];
    }
}
