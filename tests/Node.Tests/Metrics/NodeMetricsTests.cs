using System.Net;
using Failover.Core;
using Failover.Node.Http;
using Failover.Node.Metrics;
using Failover.Node.Routing;
using Failover.Node.Tests.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Failover.Node.Tests.Metrics;

public sealed class NodeMetricsTests : IAsyncLifetime, IDisposable
{
    private readonly MetricsRegistry _registry = new();
    private readonly FakeService _service = new();
    private readonly HttpClient _client = new();
    private FailoverMetrics _metrics = null!;
    private HttpFront _front = null!;

    public async Task InitializeAsync()
    {
        _metrics = new FailoverMetrics(_registry);
        _front = await HttpFront.Start(
            new HttpOptions(),
            _service,
            _registry,
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
        _client.BaseAddress = _front.Url;
    }

    public async Task DisposeAsync() => await _front.DisposeAsync();

    public void Dispose()
    {
        _client.Dispose();
        _registry.Dispose();
    }

    [Fact]
    public async Task The_familiar_names_are_there_from_the_start()
    {
        var scrape = await Scrape();

        Assert.Equal("counter", scrape.Types["failover_events_total"]);
        Assert.Equal("histogram", scrape.Types["failover_recovery_time_seconds"]);
        Assert.Equal("counter", scrape.Types["messages_processed_total"]);
        Assert.Equal("counter", scrape.Types["messages_lost_total"]);
        Assert.Equal("gauge", scrape.Types["leader_status"]);
        Assert.Equal("gauge", scrape.Types["leader_epoch"]);
        Assert.Equal("gauge", scrape.Types["leader_heartbeat_age_seconds"]);
        Assert.Equal(0, scrape.Samples["failover_events_total{kind=\"failover\"}"]);
        Assert.Equal(0, scrape.Samples["messages_lost_total"]);
    }

    [Fact]
    public async Task The_snapshot_shows_in_the_gauges()
    {
        _service.Current = Formations.Standby(inSync: false, reported: "joining", lag: 7);

        var samples = (await Scrape()).Samples;

        Assert.Equal(0, samples["leader_status{partition=\"0\"}"]);
        Assert.Equal(3, samples["leader_epoch{partition=\"0\"}"]);
        Assert.Equal(0.0125, samples["leader_heartbeat_age_seconds{partition=\"0\"}"]);
        Assert.Equal(1, samples["failover_replica_role{partition=\"0\",role=\"joining\"}"]);
        Assert.Equal(0, samples["failover_replica_role{partition=\"0\",role=\"primary\"}"]);
        Assert.Equal(120, samples["failover_replica_position{partition=\"0\"}"]);
        Assert.Equal(120, samples["failover_replica_commit_position{partition=\"0\"}"]);
        Assert.Equal(7, samples["failover_replica_lag_entries{partition=\"0\",node=\"app1\"}"]);
        Assert.Equal(1, samples["failover_in_sync_replicas{partition=\"0\"}"]);
        Assert.Equal(1, samples["failover_partition_serving{partition=\"0\"}"]);
        Assert.Equal(0.25, samples["failover_suspicion_phi{peer=\"app2\"}"]);
        Assert.Equal(1, samples["failover_probe_state{peer=\"app2\",state=\"connected\"}"]);
        Assert.DoesNotContain("failover_suspicion_phi{peer=\"app1\"}", samples.Keys);
        Assert.DoesNotContain("failover_lease_remaining_seconds{partition=\"0\"}", samples.Keys);
    }

    [Fact]
    public async Task The_primary_shows_its_lease()
    {
        var samples = (await Scrape()).Samples;

        Assert.Equal(1, samples["leader_status{partition=\"0\"}"]);
        Assert.Equal(0, samples["leader_heartbeat_age_seconds{partition=\"0\"}"]);
        Assert.Equal(0.25, samples["failover_lease_remaining_seconds{partition=\"0\"}"]);
    }

    [Fact]
    public async Task Alarms_are_counted_apart_from_problems()
    {
        _service.Current = _service.Current with
        {
            Alarms = ["partition 0 failed over 4 times by itself within an hour"],
        };

        var samples = (await Scrape()).Samples;

        Assert.Equal(1, samples["failover_alarms"]);
        Assert.Equal(0, samples["failover_node_problems"]);
    }

    [Fact]
    public async Task A_node_that_knows_nothing_yet_can_be_scraped()
    {
        _service.Current = NodeSnapshot.Unknown;

        var scrape = await Scrape();

        Assert.Equal(1, scrape.Samples["failover_node_problems"]);
        Assert.DoesNotContain("leader_status", scrape.Types.Keys);
    }

    [Fact]
    public async Task Requests_are_counted_and_timed_by_what_became_of_them()
    {
        using var body = new StringContent("""{"value":1}""", null, "application/json");
        await _client.PutAsync(new Uri("/kv-store/v1/kv/a", UriKind.Relative), body);
        await Get("/kv-store/v1/kv/a");
        await Get("/kv-store/v1/kv/absent");
        await Get("/replica");
        await Get("/cluster");
        await Get("/nothing");

        var samples = (await Scrape()).Samples;

        Assert.Equal(1, samples["failover_requests_total{operation=\"put\",outcome=\"ok\"}"]);
        Assert.Equal(1, samples["failover_requests_total{operation=\"get\",outcome=\"ok\"}"]);
        Assert.Equal(1, samples["failover_requests_total{operation=\"get\",outcome=\"not-found\"}"]);
        Assert.Equal(1, samples["failover_requests_total{operation=\"check\",outcome=\"unavailable\"}"]);
        Assert.Equal(1, samples["failover_requests_total{operation=\"view\",outcome=\"ok\"}"]);
        Assert.Equal(1, samples["failover_request_duration_seconds_count{operation=\"put\",outcome=\"ok\"}"]);
    }

    [Fact]
    public async Task What_the_actors_measure_is_told()
    {
        _metrics.Failover("failover");
        _metrics.Recovered(TimeSpan.FromMilliseconds(42));
        _metrics.Failover("switchover");
        _metrics.Recovered(TimeSpan.FromMilliseconds(7), isPlanned: true);
        _metrics.Processed(3);
        _metrics.Lost(2);
        _metrics.Write(TimeSpan.FromMilliseconds(2), "ok");
        _metrics.Read(TimeSpan.FromMilliseconds(1), "stale");
        _metrics.LogFsync(TimeSpan.FromMilliseconds(1));
        _metrics.Batch(17);
        _metrics.RegisterRound(TimeSpan.FromMilliseconds(3), "committed");
        _metrics.Store(new PartitionId(0), 5, 1234);

        var samples = (await Scrape()).Samples;

        Assert.Equal(1, samples["failover_events_total{kind=\"failover\"}"]);
        Assert.Equal(1, samples["failover_events_total{kind=\"switchover\"}"]);
        Assert.Equal(1, samples["failover_recovery_time_seconds_bucket{le=\"0.05\"}"]);
        Assert.Equal(0, samples["failover_recovery_time_seconds_bucket{le=\"0.02\"}"]);
        Assert.Equal(1, samples["failover_recovery_time_seconds_count"]);
        Assert.Equal(1, samples["failover_switchover_time_seconds_bucket{le=\"0.01\"}"]);
        Assert.Equal(3, samples["messages_processed_total"]);
        Assert.Equal(2, samples["messages_lost_total"]);
        Assert.Equal(1, samples["failover_write_duration_seconds_count{outcome=\"ok\"}"]);
        Assert.Equal(1, samples["failover_read_duration_seconds_count{consistency=\"stale\"}"]);
        Assert.Equal(1, samples["failover_log_fsync_duration_seconds_count"]);
        Assert.Equal(1, samples["failover_replication_batch_entries_bucket{le=\"32\"}"]);
        Assert.Equal(1, samples["failover_register_round_duration_seconds_count{outcome=\"committed\"}"]);
        Assert.Equal(5, samples["failover_store_entries{partition=\"0\"}"]);
        Assert.Equal(1234, samples["failover_store_bytes{partition=\"0\"}"]);
    }

    private async Task<PrometheusFormat> Scrape()
    {
        var answer = await Get("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        return PrometheusFormat.Read(await answer.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> Get(string path) => _client.GetAsync(new Uri(path, UriKind.Relative));
}
