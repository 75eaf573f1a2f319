using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Failover.Node.Metrics;
using Failover.Node.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Failover.Node.Http;

/// <summary>The HTTP API and the dashboard of one node, over an <see cref="INodeService"/>.</summary>
internal sealed partial class HttpFront : IAsyncDisposable
{
    /// <summary>How long requests under way may take once the front stops.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly KestrelServer _server;
    private readonly CancellationTokenSource _stopping;

    private HttpFront(KestrelServer server, CancellationTokenSource stopping, Uri url)
    {
        _server = server;
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
        var serverLoggers = new FrameworkLoggers(loggers);
        var kestrel = new KestrelServerOptions();
        Configure(kestrel, options, address);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), serverLoggers);
        // The server alone: a host with its routing and services would be 7 MB more in every node, and nothing of it is needed.
        var server = new KestrelServer(Options.Create(kestrel), sockets, serverLoggers);
        var stopping = new CancellationTokenSource();
        try
        {
            var door = OpenDoor(options, service, metrics, loggers, stopping.Token);
            await server.StartAsync(new FrontApplication(door), cancellation);
        }
        catch (Exception e)
        {
            server.Dispose();
            stopping.Dispose();
            if (BindFailure(options, e) is { } failure)
                throw failure;
            throw;
        }
        var url = new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        var log = loggers.CreateLogger<HttpFront>();
        LogListening(log, url);
        return new HttpFront(server, stopping, url);
    }

    /// <summary>Ends the event streams, lets requests under way finish for a few seconds, and closes the port.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _stopping.CancelAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        await _server.StopAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _server.Dispose();
        _stopping.Dispose();
    }

    private static FrontDoor OpenDoor(
        HttpOptions options,
        INodeService service,
        MetricsRegistry metrics,
        ILoggerFactory loggers,
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

        var errors = new FrontErrors(loggers.CreateLogger("Failover.Node.Http"));
        var routes = new RouteTable();
        var state = new StateRoutes(options, service);
        routes.Add("GET", "/state", state.Get);
        routes.Add("PATCH", "/state", state.Patch);
        new RoleRoutes(options, service).Map(routes);
        new ViewRoutes(options, service, metrics).Map(routes);
        new OperationRoutes(options, service).Map(routes);
        new EventStream(options, service, requests, stopping).Map(routes);
        Dashboard.Map(routes);
        return new FrontDoor(
            options,
            new KeyRoutes(options, service, requests, errors),
            routes,
            requests,
            errors,
            service
        );
    }

    private static void Configure(KestrelServerOptions kestrel, HttpOptions options, IPAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.Limits.Body;
        // A key may be all percent escapes.
        kestrel.Limits.MaxRequestLineSize = Math.Max(8192, options.Limits.Key * 3 + 1024);
        kestrel.Listen(
            address,
            options.Port,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next =>
                    connection =>
                    {
                        connection.Features.Set<IMemoryPoolFeature>(AnswerMemory.Instance);
                        return next(connection);
                    }
                );
            }
        );
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
}
