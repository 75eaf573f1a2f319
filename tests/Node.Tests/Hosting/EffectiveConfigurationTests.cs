using Akka.Configuration;
using Failover.Node.Hosting;

namespace Failover.Node.Tests.Hosting;

public sealed class EffectiveConfigurationTests
{
    [Fact]
    public void The_newest_layer_counts_and_secrets_stay_secret()
    {
        var config = ConfigurationFactory
            .ParseString("failover { node = app1, http.auth-token = geheim }")
            .WithFallback(ConfigurationFactory.ParseString("failover { node = other, http.host = localhost }"));

        var shown = EffectiveConfiguration.Show(config).Replace("\"", "", StringComparison.Ordinal);

        Assert.Equal("failover.http.auth-token = ***\nfailover.http.host = localhost\nfailover.node = app1\n", shown);
    }

    [Fact]
    public void A_secret_that_is_not_set_is_shown_as_such() =>
        Assert.DoesNotContain(
            "***",
            EffectiveConfiguration.Show(ConfigurationFactory.ParseString("failover.http.auth-token = \"\"")),
            StringComparison.Ordinal
        );
}
