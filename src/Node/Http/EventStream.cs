using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Failover.Node.Metrics;
using Failover.Node.Routing;

namespace Failover.Node.Http;

/// <summary><c>GET /events</c>: what happens, as server-sent events, until the reader leaves or the node stops.</summary>
/// <remarks>
/// A slow reader never slows the node: its backlog is bounded, the oldest events go first, and it is told how many
/// it missed by an event of its own kind, <c>dropped</c>.
/// </remarks>
internal sealed class EventStream(
    HttpOptions options,
    INodeService service,
    RequestMetrics metrics,
    CancellationToken stopping
)
{
    private int _readers;

    public void Map(RouteTable routes) => routes.Add("GET", "/events", Follow);

    private async Task Follow(Exchange context)
    {
        if (Interlocked.Increment(ref _readers) > options.EventStreams)
        {
            Interlocked.Decrement(ref _readers);
            var detail = $"{options.EventStreams} readers follow the events already";
            await new Problem(503, "too-many-readers", detail).Write(context);
            return;
        }
        try
        {
            await Stream(context);
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task Stream(Exchange context)
    {
        var missed = 0;
        var backlog = Channel.CreateBounded<NodeEvent>(
            new BoundedChannelOptions(options.EventBacklog)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
            },
            _ =>
            {
                Interlocked.Increment(ref missed);
                metrics.EventDropped();
            }
        );
        // Observed before the first byte goes out: whoever has read that byte misses nothing from then on.
        using var observing = service.Observe(happened => backlog.Writer.TryWrite(happened));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        // nginx would otherwise hold events back until its buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            Text(response, "retry: 1000\n\n");
            await response.BodyWriter.FlushAsync(ending.Token);
            while (true)
            {
                await Wait(backlog.Reader, response, ending.Token);
                if (Interlocked.Exchange(ref missed, 0) is > 0 and var count)
                    Text(
                        response,
                        $"event: dropped\ndata: {{\"count\":{count.ToString(CultureInfo.InvariantCulture)}}}\n\n"
                    );
                while (backlog.Reader.TryRead(out var happened))
                    Event(response, happened);
                await response.BodyWriter.FlushAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader left, or the node stops: either way the stream ends here, in good order.
        }
    }

    /// <summary>Until there is an event; a comment goes out each time none came for the heartbeat's length.</summary>
    private async Task Wait(ChannelReader<NodeEvent> events, ExchangeResponse response, CancellationToken ending)
    {
        var next = events.WaitToReadAsync(ending).AsTask();
        while (true)
        {
            try
            {
                await next.WaitAsync(options.EventHeartbeat, ending);
                return;
            }
            catch (TimeoutException)
            {
                Text(response, ": still here\n\n");
                await response.BodyWriter.FlushAsync(ending);
            }
        }
    }

    private static void Event(ExchangeResponse response, NodeEvent happened)
    {
        Text(response, $"event: {happened.Kind}\ndata: ");
        var document = new EventDocument(Views.Time(happened.At), happened.Kind, happened.Node.Value, happened.Message);
        using (var writer = Answer.Streaming(response))
            JsonSerializer.Serialize(writer, document, Documents.Default.EventDocument);
        Text(response, "\n\n");
    }

    private static void Text(ExchangeResponse response, string text) =>
        Encoding.UTF8.GetBytes(text, response.BodyWriter);
}
