using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Failover.Node.Metrics;

/// <summary>Counts and times the requests of the HTTP front by operation and outcome. Any thread.</summary>
internal sealed class RequestMetrics
{
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _droppedEvents;

    public RequestMetrics(MetricsRegistry registry)
    {
        _requests = registry.Meter.CreateCounter<long>(
            "failover_requests_total",
            description: "HTTP requests answered, by operation and outcome."
        );
        _durations = registry.Meter.CreateHistogram<double>(
            "failover_request_duration_seconds",
            description: "Time from an HTTP request's arrival to its answer, by operation and outcome.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [
                    0.00025,
                    0.0005,
                    0.001,
                    0.0025,
                    0.005,
                    0.01,
                    0.025,
                    0.05,
                    0.1,
                    0.25,
                    0.5,
                    1,
                    2.5,
                    5,
                    10,
                ],
            }
        );
        _droppedEvents = registry.Meter.CreateCounter<long>(
            "failover_event_stream_dropped_total",
            description: "Events that a slow reader of GET /events did not get."
        );
        registry.Expose(_droppedEvents);
    }

    /// <param name="operation">What was asked for; one of a fixed set of words.</param>
    /// <param name="status">The HTTP status it was answered with.</param>
    /// <param name="startedAt">A <see cref="Stopwatch"/> timestamp.</param>
    public void Answered(string operation, int status, long startedAt)
    {
        var first = new KeyValuePair<string, object?>("operation", operation);
        var second = new KeyValuePair<string, object?>("outcome", Outcome(status));
        _requests.Add(1, first, second);
        _durations.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, first, second);
    }

    public void EventDropped() => _droppedEvents.Add(1);

    private static string Outcome(int status) =>
        status switch
        {
            < 400 => "ok",
            404 => "not-found",
            409 or 412 => "conflict",
            499 => "aborted",
            503 => "unavailable",
            < 500 => "invalid",
            _ => "error",
        };
}
