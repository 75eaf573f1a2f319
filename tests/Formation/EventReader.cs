namespace Failover.Formation;

/// <summary>Follows <c>GET /events</c> of one node, to learn that something happened; what, its documents tell.</summary>
internal sealed class EventReader : IDisposable
{
    /// <summary>Heartbeat ages and the like change without an event, so whoever waits for them looks again after this much silence.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;
    private Task<string?> _next;

    private EventReader(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _lines = new StreamReader(body);
        _next = ReadLine();
    }

    /// <summary>When it returns, nothing that happens from now on is missed.</summary>
    /// <exception cref="HttpRequestException">The node does not answer.</exception>
    public static async Task<EventReader> Open(HttpClient http, string endpoint, CancellationToken cancellation)
    {
        var response = await http.GetAsync($"{endpoint}/events", HttpCompletionOption.ResponseHeadersRead, cancellation)
            .ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        return new EventReader(response, await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>Returns when something has happened since the last call, however much.</summary>
    /// <exception cref="IOException">The node has ended the stream.</exception>
    public async Task Next(CancellationToken cancellation)
    {
        try
        {
            do
            {
                var line = await _next.WaitAsync(Silence, cancellation).ConfigureAwait(false);
                _next = line is null ? throw new IOException("the events have ended") : ReadLine();
            } while (_next.IsCompletedSuccessfully);
        }
        catch (TimeoutException)
        {
            // Nothing happened. The read goes on, and is the next call's.
        }
    }

    /// <summary>Never cancelled: a reader that was interrupted would have lost part of a line.</summary>
    private Task<string?> ReadLine() => _lines.ReadLineAsync(CancellationToken.None).AsTask();

    public void Dispose()
    {
        _response.Dispose();
        _lines.Dispose();
        // The read that was under way ends in an error that nobody waits for.
        _ = _next.ContinueWith(
            static read => read.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
