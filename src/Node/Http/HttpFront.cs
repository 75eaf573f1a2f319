using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Failover.Node.Metrics;
using Failover.Node.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Failover.Node.Http;

/// <summary>The HTTP API and the dashboard of one node, over an <see cref="INodeService"/>.</summary>
internal sealed partial class HttpFront : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;

    private HttpFront(WebApplication app, CancellationTokenSource stopping, Uri url)
    {
        _app = app;
        _stopping = stopping;
        Url = url;
    }

    /// <summary>Where it listens; the port is the real one, also when a free one was asked for.</summary>
    public Uri Url { get; }

    public int Port => Url.Port;

    /// <summary>Listens. Registers the request and snapshot metrics with <paramref name="metrics"/>, so one front per registry.</summary>
    /// <exception cref="HttpBindException">The port is in use or cannot be opened.</exception>
    public static async Task<HttpFront> Start(
        HttpOptions options,
        INodeService service,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
        CancellationToken cancellation
    )
    {
        var address = await Resolve(options.Host, cancellation);
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, address));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton<ILoggerFactory>(new FrameworkLoggers(loggers));
        // The node's own life decides when the front stops; a signal to the process is not for it.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));

        var app = builder.Build();
        var stopping = new CancellationTokenSource();
        Map(app, options, service, metrics, stopping.Token);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e)
        {
            await app.DisposeAsync();
            stopping.Dispose();
            if (BindFailure(options, e) is { } failure)
                throw failure;
            throw;
        }
        var url = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
        );
        var log = loggers.CreateLogger<HttpFront>();
        LogListening(log, url);
        return new HttpFront(app, stopping, url);
    }

    /// <summary>Ends the event streams, lets requests under way finish for a few seconds, and closes the port.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _stopping.CancelAsync();
        await _app.StopAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private static void Map(
        WebApplication app,
        HttpOptions options,
        INodeService service,
        MetricsRegistry metrics,
        CancellationToken stopping
    )
    {
        var requests = new RequestMetrics(metrics);
        var version =
            Assembly
                .GetExecutingAssembly()
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion
            ?? "unknown";
        SnapshotMetrics.Register(metrics, service, version);

        var door = new FrontDoor(options, new KeyRoutes(options, service, requests), requests, service);
        app.Use(next => context => door.Enter(context, next));
        app.UseRouting();
        var state = new StateRoutes(options, service);
        app.MapGet("/state", state.Get);
        app.MapPatch("/state", state.Patch);
        new RoleRoutes(options, service).Map(app);
        new ViewRoutes(options, service, metrics).Map(app);
        new OperationRoutes(options, service).Map(app);
        new EventStream(options, service, requests, stopping).Map(app);
        Dashboard.Map(app);
    }

    private static void Configure(KestrelServerOptions kestrel, HttpOptions options, IPAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.Limits.Body;
        // A key may be all percent escapes.
        kestrel.Limits.MaxRequestLineSize = Math.Max(8192, options.Limits.Key * 3 + 1024);
        kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static async Task<IPAddress> Resolve(string host, CancellationToken cancellation)
    {
        if (host == "*")
            return IPAddress.Any;
        if (host == "localhost")
            return IPAddress.Loopback;
        if (IPAddress.TryParse(host, out var address))
            return address;
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancellation);
            return found.Length > 0 ? found[0] : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException e)
        {
            throw new HttpBindException($"HTTP host {host} cannot be resolved: {e.Message}", e);
        }
    }

    private static HttpBindException? BindFailure(HttpOptions options, Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is AddressInUseException)
                return new($"HTTP port {options.Port} on {options.Host} is in use", error);
            if (cause is SocketException refused)
                return new($"HTTP port {options.Port} on {options.Host} cannot be opened: {refused.Message}", error);
        }
        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "HTTP listens on {Url}")]
    private static partial void LogListening(ILogger log, Uri url);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
