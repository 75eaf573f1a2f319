using Akka.Configuration;

namespace Akka.Embedded.Tests.Configuration;

public sealed class ConfigSpecs
{
    [Fact]
    public void Reads_each_kind_of_setting_by_its_path()
    {
        Config config = ConfigurationFactory.ParseString(
            """
            failover {
              node = app1
              heartbeat { interval = 50 ms, misses = 3, phi = 8.5 }
              limits.body = 8 MiB
              pbm = on
              voters = ["monitor1", "app1", app2]
              ports = [8080, 8081]
            }
            """
        );

        Assert.Equal("app1", config.GetString("failover.node"));
        Assert.Equal(TimeSpan.FromMilliseconds(50), config.GetTimeSpan("failover.heartbeat.interval"));
        Assert.Equal(3, config.GetInt("failover.heartbeat.misses"));
        Assert.Equal(3L, config.GetLong("failover.heartbeat.misses"));
        Assert.Equal(8.5, config.GetDouble("failover.heartbeat.phi"));
        Assert.Equal(8 * 1024 * 1024, config.GetByteSize("failover.limits.body"));
        Assert.True(config.GetBoolean("failover.pbm"));
        Assert.Equal(["monitor1", "app1", "app2"], config.GetStringList("failover.voters"));
        Assert.Equal([8080, 8081], config.GetIntList("failover.ports"));
    }

    [Fact]
    public void A_missing_path_gives_the_callers_default()
    {
        var config = ConfigurationFactory.ParseString("a { b = 1 }");

        Assert.False(config.HasPath("a.c"));
        Assert.False(config.HasPath("a.b.c"));
        Assert.Null(config.GetString("a.c"));
        Assert.Equal("here", config.GetString("a.c", "here"));
        Assert.Equal(7, config.GetInt("a.c", 7));
        Assert.True(config.GetBoolean("a.c", true));
        Assert.Equal(TimeSpan.FromSeconds(2), config.GetTimeSpan("a.c", TimeSpan.FromSeconds(2)));
        Assert.Equal(12, config.GetByteSize("a.c", 12));
        Assert.True(config.GetConfig("x").IsNullOrEmpty());
    }

    [Fact]
    public void A_fallback_fills_what_is_silent_and_hides_behind_what_is_said()
    {
        var config = ConfigurationFactory
            .ParseString("a { said = 1, list = [1] }")
            .WithFallback(ConfigurationFactory.ParseString("a { said = 2, silent = 3, list = [2, 3] }, b = 4"));

        Assert.Equal(1, config.GetInt("a.said"));
        Assert.Equal(3, config.GetInt("a.silent"));
        Assert.Equal([1], config.GetIntList("a.list"));
        Assert.Equal(4, config.GetInt("b"));
        Assert.Equal(3, config.GetConfig("a")!.GetInt("silent"));
    }

    [Fact]
    public void Neither_side_of_a_fallback_changes()
    {
        var over = ConfigurationFactory.ParseString("a.x = 1");
        var under = ConfigurationFactory.ParseString("a { x = 2, y = 3 }");

        over.WithFallback(under);

        Assert.False(over.HasPath("a.y"));
        Assert.Equal(2, under.GetInt("a.x"));
    }

    [Fact]
    public void The_settings_below_a_key_can_be_enumerated_to_find_unknown_ones()
    {
        var config = ConfigurationFactory.ParseString(
            "failover { node = app1, heartbeat { intervall = 50 ms }, http.port = 0 }"
        );

        Assert.Equal(
            ["node", "heartbeat", "http"],
            config.GetConfig("failover")!.AsEnumerable().Select(setting => setting.Key)
        );
        Assert.Equal(["failover.heartbeat.intervall", "failover.http.port", "failover.node"], Leaves(config).Order());
    }

    [Fact]
    public void Objects_written_in_several_places_are_one()
    {
        var config = ConfigurationFactory.ParseString(
            """
            a { x = 1, z { p = 1 } }
            a.y = 2
            a { x = 3, z { q = 2 } }
            """
        );

        Assert.Equal(3, config.GetInt("a.x"));
        Assert.Equal(2, config.GetInt("a.y"));
        Assert.Equal(1, config.GetInt("a.z.p"));
        Assert.Equal(2, config.GetInt("a.z.q"));
    }

    [Fact]
    public void Comments_of_both_kinds_are_no_settings()
    {
        var config = ConfigurationFactory.ParseString(
            """
            # one
            a = 1 # two
            // three
            b = "http://x#y" // four
            """
        );

        Assert.Equal(1, config.GetInt("a"));
        Assert.Equal("http://x#y", config.GetString("b"));
    }

    [Fact]
    public void A_substitution_takes_the_final_value_of_another_setting()
    {
        var config = ConfigurationFactory.ParseString(
            """
            host = localhost
            url = ${host}":4053"
            copy = ${section}
            section { port = 1 }
            section { port = 2 }
            """
        );

        Assert.Equal("localhost:4053", config.GetString("url"));
        Assert.Equal(2, config.GetInt("copy.port"));
    }

    /// <summary>Substitutions are resolved at the end of parsing, before there is any fallback.</summary>
    [Fact]
    public void A_substitution_sees_the_text_that_it_stands_in_and_no_fallback()
    {
        var defaults = ConfigurationFactory.ParseString("port = 1\nurl = \"host:\"${port}");

        Assert.Equal("host:1", ConfigurationFactory.ParseString("port = 2").WithFallback(defaults).GetString("url"));
        Assert.ThrowsAny<Exception>(() =>
            ConfigurationFactory.ParseString("mine = ${url}").WithFallback(defaults).GetString("mine")
        );
    }

    [Fact]
    public void A_substitution_falls_back_on_the_environment()
    {
        var name = $"HOCON_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(name, "from outside");

        var config = ConfigurationFactory.ParseString(
            $$"""
            a = ${?{{name}}}
            b = ${?{{name}}_MISSING}
            c = inside
            c = ${?{{name}}_MISSING}
            """
        );

        Assert.Equal("from outside", config.GetString("a"));
        Assert.Null(config.GetString("b"));
        Assert.Equal("inside", config.GetString("c"));
    }

    [Fact]
    public void An_include_brings_in_what_the_callback_returns()
    {
        var config = ConfigurationFactory.ParseString(
            """
            a { x = 0, y = 1 }
            include "common.conf"
            a.y = 5
            """,
            name => new(ConfigurationFactory.ParseString($"from = {name}, a {{ x = 2, y = 3 }}").Root)
        );

        Assert.Equal("common.conf", config.GetString("from"));
        Assert.Equal(2, config.GetInt("a.x"));
        Assert.Equal(5, config.GetInt("a.y"));
    }

    [Fact]
    public void Triple_quotes_keep_lines_and_quotes()
    {
        var config = ConfigurationFactory.ParseString("a = \"\"\"one \"two\"\n  three\\n\"\"\"");

        Assert.Equal("one \"two\"\n  three\\n", config.GetString("a"));
    }

    [Fact]
    public void A_quoted_key_keeps_its_dots()
    {
        var config = ConfigurationFactory.ParseString("bindings { \"System.String, mscorlib\" = text }");

        Assert.Equal("text", config.GetString("bindings.\"System.String, mscorlib\""));
    }

    [Theory]
    [InlineData("50 ms", 50)]
    [InlineData("50ms", 50)]
    [InlineData("\"50 ms\"", 50)]
    [InlineData("50", 50)]
    [InlineData("1.5 s", 1_500)]
    [InlineData("2 seconds", 2_000)]
    [InlineData("3 m", 180_000)]
    [InlineData("1 hour", 3_600_000)]
    [InlineData("1 d", 86_400_000)]
    [InlineData("250 us", 0.25)]
    public void A_duration_is_a_number_and_a_unit(string text, double milliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(milliseconds),
            ConfigurationFactory.ParseString($"a = {text}").GetTimeSpan("a")
        );

    [Fact]
    public void Infinite_is_a_duration() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, ConfigurationFactory.ParseString("a = infinite").GetTimeSpan("a"));

    [Theory]
    [InlineData("512", 512)]
    [InlineData("128000b", 128_000)]
    [InlineData("128000 B", 128_000)]
    [InlineData("1 kB", 1_000)]
    [InlineData("1 KiB", 1_024)]
    [InlineData("8 MiB", 8_388_608)]
    [InlineData("1 GB", 1_000_000_000)]
    public void A_size_is_a_number_and_a_unit(string text, long bytes) =>
        Assert.Equal(bytes, ConfigurationFactory.ParseString($"a = {text}").GetByteSize("a"));

    [Theory]
    [InlineData("on", true)]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("off", false)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    public void A_boolean_has_three_spellings(string text, bool expected) =>
        Assert.Equal(expected, ConfigurationFactory.ParseString($"a = {text}").GetBoolean("a", !expected));

    private static IEnumerable<string> Leaves(Config config) =>
        config
            .AsEnumerable()
            .SelectMany(setting =>
                setting.Value.IsObject()
                    ? Leaves(setting.Value.ToConfig()).Select(below => $"{setting.Key}.{below}")
                    : [setting.Key]
            );
}
