using Failover.Node.Configuration;
using Failover.Node.Hosting;

namespace Failover.Node.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public void A_file_and_settings_in_their_order()
    {
        var line = CommandLine.Parse(["--set", "a=1", "--config", "app.conf", "--set", "b=2"]);

        Assert.Equal(("app.conf", false), (line.ConfigFile, line.Help));
        Assert.Equal(["a=1", "b=2"], line.Settings);
    }

    [Fact]
    public void Nothing_is_required()
    {
        var line = CommandLine.Parse([]);

        Assert.Equal((null, false), (line.ConfigFile, line.Help));
        Assert.Empty(line.Settings);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_is_all_that_counts_when_it_is_asked_for(string help) =>
        Assert.True(CommandLine.Parse(["--config", "app.conf", help, "--no-such-thing"]).Help);

    [Theory]
    [InlineData("unknown argument '--port'; try --help", "--port", "1")]
    [InlineData("unknown argument 'app.conf'; try --help", "app.conf")]
    [InlineData("--config needs a value", "--config")]
    [InlineData("--set needs a value", "--set", "a=1", "--set")]
    public void What_it_does_not_know_is_named(string expected, params string[] arguments) =>
        Assert.Equal(expected, Assert.Throws<SettingsException>(() => CommandLine.Parse(arguments)).Message);
}
