using Akka.Embedded.Internals.Tests.Remote;

namespace Failover.MultiNode;

/// <summary>Nodes that show each other certificates.</summary>
public sealed class TlsSpecs : IAsyncLifetime
{
    private readonly Certificates _ours = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _ours.Delete();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_formation_founds_itself_and_fails_over_with_tls_between_its_nodes()
    {
        await using var formation = await Formation.Found(
            new FormationPlan().With(
                "akka.remote.dot-netty.tcp.enable-ssl = on",
                $"akka.remote.dot-netty.tcp.ssl.certificate.path = \"{_ours.FileFor()}\"",
                $"akka.remote.dot-netty.tcp.ssl.certificate.password = {Certificates.Password}",
                // Akka.NET believes the machine's store alone, and this authority is in nobody's.
                "akka.remote.dot-netty.tcp.ssl.suppress-validation = on"
            )
        );
        await formation.Put("monitor1", "before", "1");
        var (primary, standby, epoch) = (formation.Primary, formation.Standby, formation.View.Epoch);

        await formation.Kill(primary);
        await formation.UntilLedAfter(epoch);
        await formation.Put("monitor1", "after", "2");

        Assert.Equal(standby, formation.Primary);
        Assert.Equal("1", await formation.Get("monitor1", "before"));
    }
}
