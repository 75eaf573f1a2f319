using System.Buffers;
using System.Text;
using Failover.Core;
using Failover.Node.Metrics;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary>What people and dashboards read: members, views, decisions, configuration, metrics.</summary>
internal sealed class ViewRoutes(HttpOptions options, INodeService service, MetricsRegistry metrics)
{
    public void Map(RouteTable routes)
    {
        routes.Add("GET", "/cluster", Cluster);
        routes.Add("GET", "/history", History);
        routes.Add("GET", "/voters", Voters);
        routes.Add("GET", "/config", Config);
        routes.Add("GET", "/metrics", Metrics);
        routes.Add("GET", "/api/system/status", SystemStatus);
        routes.Add("GET", "/api/failover/status", FailoverStatus);
    }

    private Task Cluster(Exchange context)
    {
        Fresh(context);
        var document = Views.Cluster(service.Current, service.Self);
        return Answer.Json(context.Response, document, Documents.Default.ClusterDocument);
    }

    private Task History(Exchange context)
    {
        Fresh(context);
        return Answer.Json(context.Response, Views.History(service.Current), Documents.Default.HistoryDocument);
    }

    private Task Voters(Exchange context)
    {
        Fresh(context);
        return Answer.Json(context.Response, Views.Voters(service.Current), Documents.Default.VotersDocument);
    }

    private Task Config(Exchange context)
    {
        Fresh(context);
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context
            .Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(options.Configuration()), context.RequestAborted)
            .AsTask();
    }

    private async Task Metrics(Exchange context)
    {
        Fresh(context);
        // Whole or not at all: half a scrape would look like metrics that vanished.
        var text = new ArrayBufferWriter<byte>(16 * 1024);
        metrics.WriteTo(text);
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = text.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(text.WrittenMemory, context.RequestAborted);
    }

    private Task SystemStatus(Exchange context)
    {
        Fresh(context);
        return Answer.Json(context.Response, Views.System(service.Current), Documents.Default.SystemStatus);
    }

    private Task FailoverStatus(Exchange context)
    {
        Fresh(context);
        var partition = RoleRoutes.AskedPartition(context.Request) ?? new PartitionId(0);
        var status = Views.Failover(service.Current, service.Self, partition, options.InstanceId);
        return Answer.Json(context.Response, status, Documents.Default.FailoverStatus);
    }

    private static void Fresh(Exchange context) => context.Response.Headers.CacheControl = "no-store";
}
