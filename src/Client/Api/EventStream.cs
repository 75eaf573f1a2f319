using System.Net.ServerSentEvents;
using System.Threading.Channels;

namespace Failover.Client.Api;

/// <summary>One server-sent event.</summary>
internal readonly record struct StreamedEvent(string Kind, string Data);

/// <summary>The events of all nodes as one stream: a node that goes away is asked again until it is back.</summary>
internal sealed class EventStream(FormationClient client)
{
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Nodes tell the same news; this many are remembered so that each is shown once.</summary>
    private const int Remembered = 512;

    public async IAsyncEnumerable<StreamedEvent> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        var merged = Channel.CreateBounded<StreamedEvent>(
            // A slow terminal slows the nodes' streams down, which drop what a listener does not take.
            new BoundedChannelOptions(1_024) { FullMode = BoundedChannelFullMode.Wait }
        );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var readers = client.Endpoints.Select(endpoint => FollowAsync(endpoint, merged.Writer, stop.Token)).ToArray();
        var seen = new Recent(Remembered);
        try
        {
            await foreach (var one in merged.Reader.ReadAllAsync(cancel))
                if (seen.Add(one))
                    yield return one;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(readers);
        }
    }

    /// <summary>Ends, without an exception, only when cancelled.</summary>
    private async Task FollowAsync(Uri endpoint, ChannelWriter<StreamedEvent> writer, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                using var response = await client.OpenAsync(endpoint, "/events", "text/event-stream", cancel);
                if (response.IsSuccessStatusCode)
                {
                    await using var body = await response.Content.ReadAsStreamAsync(cancel);
                    await foreach (var item in SseParser.Create(body).EnumerateAsync(cancel))
                        await writer.WriteAsync(new StreamedEvent(item.EventType, item.Data), cancel);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The node is gone, or not there yet; the others' streams tell why.
            }

            await Task.Delay(ReconnectAfter, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class Recent(int capacity)
    {
        private readonly Queue<StreamedEvent> _order = new();
        private readonly HashSet<StreamedEvent> _set = [];

        public bool Add(StreamedEvent one)
        {
            if (!_set.Add(one))
                return false;
            _order.Enqueue(one);
            if (_order.Count > capacity)
                _set.Remove(_order.Dequeue());
            return true;
        }
    }
}
