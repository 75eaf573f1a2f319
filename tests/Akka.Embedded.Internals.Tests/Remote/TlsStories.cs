using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

public sealed class TlsStories : RemoteStory
{
    // One attempt, and then none for longer than a story lasts.
    private const string Patient = "retry-gate-closed-for = 10000 s";

    private readonly Certificates _ours = new();
    private readonly Certificates _theirs = new("CN=another authority");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _ours.Delete();
        _theirs.Delete();
    }

    [Fact]
    public async Task Two_systems_with_certificates_of_one_authority_talk_over_tls()
    {
        var a = Start("a", Tls(_ours.FileFor()));
        var b = Start("b", Tls(_ours.FileFor()));

        var echo = await FindEcho(a, b);

        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        Assert.Equal("akka.ssl.tcp", AddressOf(b).Protocol);
    }

    [Fact]
    public async Task Names_are_checked_where_that_is_wanted()
    {
        var a = Start("a", Tls(_ours.FileFor(), "validate-certificate-hostname = on"));
        var b = Start("b", Tls(_ours.FileFor(), "validate-certificate-hostname = on"));

        Assert.Equal("hello", await (await FindEcho(a, b)).Ask<string>("hello", Soon));
    }

    [Fact]
    public async Task Another_name_is_accepted_where_names_are_not_checked()
    {
        var a = Start("a", Tls(_ours.FileFor("elsewhere.example")));
        var b = Start("b", Tls(_ours.FileFor("elsewhere.example")));

        Assert.Equal("hello", await (await FindEcho(a, b)).Ask<string>("hello", Soon));
    }

    [Fact]
    public Task Another_name_is_refused_by_who_connects() =>
        IsRefused(
            Tls(_ours.FileFor(), "validate-certificate-hostname = on"),
            Tls(_ours.FileFor("elsewhere.example")),
            "it does not name 127.0.0.1",
            "it may not accept this system's certificate"
        );

    [Fact]
    public Task Another_authority_is_refused_by_who_connects() =>
        IsRefused(
            Tls(_ours.FileFor()),
            Tls(_theirs.FileFor(believes: _ours)),
            "CN=127.0.0.1 is not accepted",
            "it may not accept this system's certificate"
        );

    [Fact]
    public Task Another_authority_is_refused_by_who_is_connected_to() =>
        IsRefused(
            Tls(_theirs.FileFor(believes: _ours)),
            Tls(_ours.FileFor()),
            "TLS or certificates may differ",
            "CN=127.0.0.1 is not accepted"
        );

    [Fact]
    public Task An_expired_certificate_is_refused_by_who_connects() =>
        IsRefused(
            Tls(_ours.FileFor()),
            Tls(_ours.FileFor(validUntilDays: -1)),
            "expired",
            "it may not accept this system's certificate"
        );

    [Fact]
    public Task An_expired_certificate_is_refused_by_who_is_connected_to() =>
        IsRefused(
            Tls(_ours.FileFor(validUntilDays: -1)),
            Tls(_ours.FileFor()),
            "TLS or certificates may differ",
            "expired"
        );

    [Fact]
    public Task Who_shows_no_certificate_is_refused() =>
        IsRefused(
            Tls(_ours.FileFor(), "require-mutual-authentication = off"),
            Tls(_ours.FileFor()),
            "TLS or certificates may differ",
            "no certificate is shown"
        );

    [Fact]
    public async Task Who_shows_no_certificate_is_accepted_where_none_is_required()
    {
        var a = Start("a", Tls(_ours.FileFor(), "require-mutual-authentication = off"));
        var b = Start("b", Tls(_ours.FileFor(), "require-mutual-authentication = off"));

        Assert.Equal("hello", await (await FindEcho(a, b)).Ask<string>("hello", Soon));
    }

    [Fact]
    public async Task Anything_is_accepted_where_validation_is_suppressed()
    {
        var a = Start("a", Tls(_ours.FileFor(validUntilDays: -1), "suppress-validation = on"));
        var b = Start("b", Tls(_theirs.FileFor(), "suppress-validation = on"));

        Assert.Equal("hello", await (await FindEcho(a, b)).Ask<string>("hello", Soon));
    }

    [Fact]
    public Task A_system_without_tls_is_refused_by_one_with_tls() =>
        IsRefused(Patient, Tls(_ours.FileFor()), "TLS or certificates may differ", "TLS failed");

    [Fact]
    public Task A_system_with_tls_is_refused_by_one_without() =>
        IsRefused(Tls(_ours.FileFor()), Patient, "TLS failed", "a frame of");

    [Fact]
    public async Task An_address_of_the_other_kind_is_named_in_a_warning()
    {
        var a = Start("a", Tls(_ours.FileFor()));
        var warnings = Listen(a, typeof(Warning));

        a.ActorSelection("akka.tcp://b@127.0.0.1:1/user/echo").Tell("lost", ActorRefs.NoSender);

        Assert.Contains("this system speaks akka.ssl.tcp", (await warnings.Next<Warning>()).Message.ToString());
    }

    [Theory]
    [InlineData("", "ssl.certificate.path is needed")]
    [InlineData("/nowhere.pfx", "cannot use /nowhere.pfx")]
    [InlineData("CERTIFICATE", "cannot use")]
    public void A_certificate_that_cannot_be_read_stops_the_start(string path, string reason)
    {
        path = path == "CERTIFICATE" ? _ours.FileFor() : path;

        var error = Assert.ThrowsAny<Exception>(() =>
            Start(
                "a",
                $$"""dot-netty.tcp { enable-ssl = on, ssl.certificate { path = "{{path}}", password = "no" } }"""
            )
        );

        Assert.Contains(reason, error.GetBaseException().Message + error.Message);
        Assert.IsAssignableFrom<ConfigurationException>(
            error is System.Reflection.TargetInvocationException ? error.InnerException : error
        );
    }

    private static string Tls(string certificate, string more = "") =>
        $$"""
            {{Patient}}
            dot-netty.tcp {
              enable-ssl = on
              ssl { certificate { path = "{{certificate}}", password = {{Certificates.Password}} }, {{more}} }
            }
            """;

    /// <summary>One system dials another: each says one line, no message arrives, and a third one does not notice.</summary>
    private async Task IsRefused(string dials, string listens, string lineThere, string lineHere)
    {
        var stranger = Start("stranger", dials);
        var system = Start("system", listens);
        var other = Start("other", listens == Patient ? listens : Tls(_ours.FileFor(), "suppress-validation = on"));
        var echo = await FindEcho(other, system);
        var heard = Listen(stranger, typeof(Warning), typeof(Error));
        var logged = Listen(system, typeof(Warning), typeof(Error));
        var lost = Listen(stranger, typeof(DeadLetter));
        var path = AddressOf(system).WithProtocol(AddressOf(stranger).Protocol) + "/user/echo";

        stranger.ActorSelection(path).Tell("in", ActorRefs.NoSender);
        await lost.Next<DeadLetter>();
        Assert.Contains(lineThere, (await heard.Next<Warning>()).Message.ToString());
        Assert.Contains(lineHere, (await logged.Next<Warning>()).Message.ToString());
        stranger.ActorSelection(path).Tell("in again", ActorRefs.NoSender);
        await lost.Next<DeadLetter>();

        Assert.Equal("hello", await echo.Ask<string>("hello", Soon));
        Assert.Empty(await heard.Rest());
        Assert.Empty(await logged.Rest());
    }
}
