using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Failover.Node.Http;
using Failover.Node.Metrics;

namespace Failover.Node.Tests.Http;

/// <summary>A real front on a free port over a <see cref="FakeService"/>.</summary>
public abstract class FrontTests : IAsyncLifetime, IDisposable
{
    private readonly MetricsRegistry _metrics = new();

    private protected FakeService Service { get; init; } = new();

    private protected ErrorLog Log { get; } = new();

    private protected HttpFront Front { get; private set; } = null!;

    private protected HttpClient Client { get; private set; } = null!;

    private protected virtual HttpOptions Options => new();

    public async Task InitializeAsync()
    {
        Front = await HttpFront.Start(Options, Service, _metrics, Log, CancellationToken.None);
        Client = new HttpClient { BaseAddress = Front.Url, Timeout = TimeSpan.FromSeconds(20) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Front.DisposeAsync();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Log.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private protected Task<HttpResponseMessage> Send(
        HttpMethod method,
        string path,
        HttpContent? content = null,
        params (string Name, string Value)[] headers
    )
    {
        // As it stands: Uri would otherwise tidy up the escapes and dots that some stories are about.
        var uri = new Uri(
            Front.Url.AbsoluteUri.TrimEnd('/') + path,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
        var request = new HttpRequestMessage(method, uri) { Content = content };
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return Client.SendAsync(request);
    }

    private protected Task<HttpResponseMessage> Get(string path, params (string, string)[] headers) =>
        Send(HttpMethod.Get, path, null, headers);

    private protected Task<HttpResponseMessage> Put(string path, string body, params (string, string)[] headers) =>
        Send(HttpMethod.Put, path, Json(body), headers);

    private protected async Task<string> Body(string path)
    {
        var answer = await Get(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Asserts that the answer is a problem document with this status and reason; returns it.</summary>
    private protected static async Task<JsonElement> IsProblem(HttpResponseMessage answer, int status, string reason)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal(new MediaTypeHeaderValue("application/problem+json"), answer.Content.Headers.ContentType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal("about:blank", problem.GetProperty("type").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(reason, problem.GetProperty("reason").GetString());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        if (status == 503)
            Assert.NotNull(answer.Headers.RetryAfter);
        return problem;
    }

    private protected static string Detail(JsonElement problem) => problem.GetProperty("detail").GetString()!;
}
