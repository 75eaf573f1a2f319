using System.Net;
using System.Net.Sockets;
using Failover.Node.Http;
using Failover.Node.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Failover.Node.Tests.Http;

public sealed class HttpFrontTests
{
    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var failure = await Assert.ThrowsAsync<HttpBindException>(() => Start(new() { Port = port }));

        Assert.Equal($"HTTP port {port} on 127.0.0.1 is in use", failure.Message);
    }

    [Fact]
    public async Task A_host_that_is_not_of_this_machine_is_one_clear_line()
    {
        // 192.0.2.0/24 is kept for documentation: no machine has it.
        var failure = await Assert.ThrowsAsync<HttpBindException>(() => Start(new() { Host = "192.0.2.1" }));

        Assert.StartsWith("HTTP port 0 on 192.0.2.1 cannot be opened: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_is_a_port(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpOptions { Port = port });

    [Fact]
    public void A_limit_that_allows_nothing_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { Value = 0 });

    [Fact]
    public async Task It_tells_the_port_that_it_got_and_gives_it_back()
    {
        int port;
        await using (var front = await Start(new() { Host = "localhost" }))
        {
            port = front.Port;
            Assert.InRange(port, 1, 65535);
            Assert.Equal(new Uri($"http://127.0.0.1:{port}"), front.Url);
        }
        await using var again = await Start(new() { Port = port });
        Assert.Equal(port, again.Port);
    }

    [Fact]
    public async Task Stopping_twice_is_stopping_once()
    {
        var front = await Start(new());

        await front.StopAsync();
        await front.DisposeAsync();

        using var client = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(front.Url));
    }

    private static Task<HttpFront> Start(HttpOptions options) =>
        HttpFront.Start(
            options,
            new FakeService(),
            new MetricsRegistry(),
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
}

public sealed class NodeNameTests : FrontTests
{
    public NodeNameTests() => Service = new FakeService { Self = new("grün 1") };

    [Fact]
    public async Task A_name_that_no_header_could_carry_is_escaped()
    {
        var answer = await Get("/liveness");

        Assert.Equal(["gr%C3%BCn%201"], answer.Headers.GetValues("Failover-Node"));
        Assert.Equal("""{"status":"alive","node":"grün 1"}""", await answer.Content.ReadAsStringAsync());
    }
}

public sealed class AuthorizationTests : FrontTests
{
    private protected override HttpOptions Options => new() { AuthToken = "s3cret" };

    [Theory]
    [InlineData("GET", "/kv-store/v1/kv/k")]
    [InlineData("PUT", "/kv-store/v1/kv/k")]
    [InlineData("GET", "/kv-store/v1/kv/health")]
    [InlineData("GET", "/state")]
    [InlineData("GET", "/cluster")]
    [InlineData("GET", "/config")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/events")]
    [InlineData("POST", "/pause")]
    [InlineData("GET", "/nothing")]
    public async Task Without_the_token_nothing_is_told_or_done(string method, string path)
    {
        var answer = await Send(new HttpMethod(method), path);

        await IsProblem(answer, 401, "unauthorized");
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        Assert.Null(Service.LastOperation);
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer s3cret2")]
    [InlineData("Bearer ")]
    [InlineData("Basic s3cret")]
    [InlineData("s3cret")]
    public async Task Another_token_opens_nothing(string header) =>
        await IsProblem(await Get("/cluster", ("Authorization", header)), 401, "unauthorized");

    [Theory]
    [InlineData("Bearer s3cret")]
    [InlineData("bearer s3cret")]
    public async Task The_token_opens(string header) =>
        Assert.Equal(HttpStatusCode.OK, (await Get("/cluster", ("Authorization", header))).StatusCode);

    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/kv-store/v1/health/")]
    [InlineData("/liveness")]
    [InlineData("/readiness")]
    [InlineData("/primary?partition=0")]
    [InlineData("/read-only")]
    public async Task Load_balancers_need_no_token(string path) =>
        Assert.Equal(HttpStatusCode.OK, (await Get(path)).StatusCode);
}
