using Akka.Configuration;

namespace Akka.Embedded.Internals.Tests.Configuration;

/// <summary>An error says what is wrong, and names origin, line and column.</summary>
public sealed class HoconErrorSpecs
{
    [Theory]
    [InlineData("a = 1\nb = {\n  c = 2", "'}' is expected, not the end (string, line 3, column 8)")]
    [InlineData("a = [1, 2", "']' is expected, not the end (string, line 1, column 10)")]
    [InlineData("a = 1 }", "A comma or the end of the line is expected, not '}' (string, line 1, column 7)")]
    [InlineData("{ a = 1 } b", "The end is expected, not 'b' (string, line 1, column 11)")]
    [InlineData("a", "'=', ':', '+=' or '{' is expected after the key a, not the end (string, line 1, column 2)")]
    [InlineData("= 1", "A key is expected, not '=' (string, line 1, column 1)")]
    [InlineData("a..b = 1", "A key is expected, not '.' (string, line 1, column 3)")]
    [InlineData("a =", "A value is expected, not the end (string, line 1, column 4)")]
    [InlineData("x = 1\na = u@h", "A value is expected, or quotes around it, not '@' (string, line 2, column 6)")]
    [InlineData("a = \"open", "A quoted text does not end on its line (string, line 1, column 5)")]
    [InlineData("a = \"\"\"open", "A text in triple quotes does not end (string, line 1, column 5)")]
    [InlineData("a = \"\\x\"", "\\x is not an escape; a backslash itself is written \\\\ (string, line 1, column 7)")]
    [InlineData("a = \"\\u12\"", "\\u is followed by four hexadecimal digits (string, line 1, column 7)")]
    [InlineData("a = ${b", "'}' is expected after the path of a substitution, not the end (string, line 1, column 8)")]
    [InlineData(
        "a = [1] {b = 2}",
        "an object cannot follow a list; a comma or a line end is missing (string, line 1, column 9)"
    )]
    [InlineData(
        "a = ${no.such}",
        "${no.such} is defined neither here nor in the environment, or only by itself (string, line 1, column 5)"
    )]
    [InlineData(
        "a = 1\nb = ${c}\nc = ${b}",
        "${b} is defined neither here nor in the environment, or only by itself (string, line 3, column 5)"
    )]
    [InlineData("include \"x\"", "\"x\" cannot be included: no include callback was given (string, line 1, column 1)")]
    public void A_document_that_cannot_be_read_names_the_place(string hocon, string message) =>
        Assert.Equal(
            message,
            Assert.Throws<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon)).Message
        );

    [Theory]
    [InlineData("soon", "\"soon\" is not a whole number of 32 bits")]
    [InlineData("1.5", "\"1.5\" is not a whole number of 32 bits")]
    [InlineData("4000000000", "\"4000000000\" is not a whole number of 32 bits")]
    public void A_malformed_number_names_path_value_and_place(string value, string problem) =>
        AssertWrong($"a {{\n  b = {value} }}", config => config.GetInt("a.b"), $"{problem} (string, line 2, column 7)");

    [Theory]
    [InlineData("5 parsecs")]
    [InlineData("ms")]
    [InlineData("9999999999999 d")]
    [InlineData("79228162514264337593543950335 d")]
    public void A_malformed_duration_names_path_value_and_place(string value) =>
        AssertWrong(
            $"a.b = {value}",
            config => config.GetTimeSpan("a.b"),
            $"\"{value}\" is not a duration, such as 50 ms or 2 s (string, line 1, column 7)"
        );

    [Fact]
    public void An_infinite_duration_is_refused_where_it_must_end() =>
        AssertWrong(
            "a.b = infinite",
            config => config.GetTimeSpan("a.b", allowInfinite: false),
            "\"infinite\" is not allowed here: a finite duration is needed (string, line 1, column 7)"
        );

    [Theory]
    [InlineData("8 MiBi")]
    [InlineData("-1 B")]
    [InlineData("9 EiB")]
    public void A_malformed_size_names_path_value_and_place(string value) =>
        AssertWrong(
            $"a.b = {value}",
            config => config.GetByteSize("a.b"),
            $"\"{value}\" is not a size, such as 64 KiB or 1 MB (string, line 1, column 7)"
        );

    [Fact]
    public void A_value_of_another_kind_is_refused()
    {
        AssertWrong("a.b = 1", config => config.GetConfig("a.b"), "\"1\" is not an object (string, line 1, column 7)");
        AssertWrong("a.b = x", config => config.GetIntList("a.b"), "\"x\" is not a list (string, line 1, column 7)");
        AssertWrong("a.b = [1]", config => config.GetString("a.b"), "a list is not a text (string, line 1, column 7)");
        AssertWrong(
            "a.b = maybe",
            config => config.GetBoolean("a.b"),
            "\"maybe\" is not a boolean, such as on or off (string, line 1, column 7)"
        );
        AssertWrong(
            "a.b = [x]",
            config => config.GetIntList("a.b"),
            "\"x\" is not a whole number of 32 bits (string, line 1, column 8)"
        );
    }

    [Fact]
    public void An_error_in_an_included_text_names_both_places()
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            ConfigurationFactory.ParseString(
                "a = 1\ninclude \"broken\"",
                _ => new(ConfigurationFactory.ParseString("\n\nb = ").Root)
            )
        );

        Assert.Equal(
            "In \"broken\": A value is expected, not the end (string, line 3, column 5) (string, line 2, column 1)",
            error.Message
        );
    }

    [Fact]
    public void A_required_include_that_is_not_there_is_an_error() =>
        Assert.Equal(
            "\"gone\" is required and was not found (string, line 1, column 1)",
            Assert
                .Throws<ConfigurationException>(() =>
                    ConfigurationFactory.ParseString("include required(\"gone\")", _ => null)
                )
                .Message
        );

    [Fact]
    public void Nesting_ends_before_the_stack_does() =>
        Assert.StartsWith(
            "Nested deeper than 200 levels",
            Assert
                .Throws<ConfigurationException>(() =>
                    ConfigurationFactory.ParseString("a = " + new string('[', 100_000))
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_missing_resource_is_named_with_its_assembly()
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            ConfigurationFactory.FromResource<HoconErrorSpecs>("no.such.conf")
        );

        Assert.StartsWith(
            "Akka.Embedded.Internals.Tests has no resource no.such.conf",
            error.Message,
            StringComparison.Ordinal
        );
    }

    private static void AssertWrong(string hocon, Func<Config, object?> read, string problem)
    {
        var config = ConfigurationFactory.ParseString(hocon);

        var error = Assert.Throws<ConfigurationException>(() => read(config));

        Assert.Equal($"Setting a.b: {problem}", error.Message);
    }
}
