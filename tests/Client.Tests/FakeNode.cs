using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Failover.Client.Tests;

/// <summary>A node that answers over HTTP what the test tells it to, and remembers what it was asked.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentQueue<FakeRequest> _requests = new();

    private FakeNode(Func<FakeRequest, FakeAnswer> answer)
        : this((_, request) => Task.FromResult(answer(request))) { }

    private FakeNode(Func<HttpContext, FakeRequest, Task<FakeAnswer>> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.Run(async context =>
        {
            if (context.Request.Path == "/liveness")
            {
                context.Response.Headers["Failover-Position"] = Position;
                return;
            }

            var request = await FakeRequest.OfAsync(context.Request);
            _requests.Enqueue(request);
            OnRequest?.Invoke(_requests.Count);
            var reply = await answer(context, request);
            context.Response.StatusCode = reply.Status;
            if (reply.Body is { } body)
            {
                context.Response.ContentType = reply.ContentType;
                await context.Response.WriteAsync(body);
            }
        });
    }

    /// <summary>Where this node says the log is, when it is asked before a session's first write. Such questions are not counted.</summary>
    public string? Position { get; set; } = "3:41";

    /// <summary>Told how many requests have come so far.</summary>
    public Action<int>? OnRequest { get; set; }

    public Uri Endpoint => new(_web.Urls.Single());

    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    public FakeRequest TheRequest => Assert.Single(_requests);

    public static Task<FakeNode> StartAsync(Func<FakeRequest, FakeAnswer> answer) => StartAsync(new FakeNode(answer));

    public static Task<FakeNode> StartAsync(Func<HttpContext, FakeRequest, Task<FakeAnswer>> answer) =>
        StartAsync(new FakeNode(answer));

    /// <summary>An endpoint at which nobody listens: its node has just gone.</summary>
    public static async Task<Uri> GoneAsync()
    {
        await using var node = await StartAsync(_ => FakeAnswer.Json("{}"));
        return node.Endpoint;
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    private static async Task<FakeNode> StartAsync(FakeNode node)
    {
        await node._web.StartAsync();
        return node;
    }
}

internal sealed record FakeRequest(string Method, string Target, string Body, IHeaderDictionary Headers)
{
    public string? Session => Headers["Failover-Client"];

    public string? Number => Headers["Failover-Request"];

    public string? Since => Headers["Failover-Since"];

    public static async Task<FakeRequest> OfAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        return new FakeRequest(
            request.Method,
            target,
            await reader.ReadToEndAsync(),
            new HeaderDictionary(request.Headers.ToDictionary())
        );
    }
}

internal sealed record FakeAnswer(int Status, string? Body, string ContentType)
{
    public static FakeAnswer Json(string body, int status = 200) => new(status, body, "application/json");

    public static FakeAnswer Problem(int status, string detail, string reason) =>
        new(
            status,
            $$"""{"type":"about:blank","title":"Refused","status":{{status}},"detail":"{{detail}}","reason":"{{reason}}"}""",
            "application/problem+json"
        );

    public static FakeAnswer Empty(int status) => new(status, null, "");
}
