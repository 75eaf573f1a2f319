using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Messages;
using Failover.Node.Application;
using Failover.Node.Configuration;
using Failover.Node.Lifeline;
using Failover.Node.Metrics;

namespace Failover.Node.Tests.Application;

/// <summary>An application whose checks a test answers one by one.</summary>
public sealed class HealthActorTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly BlockingCollection<TaskCompletionSource<string?>> _checks = [];
    private readonly StatusBoard _board = new(1);
    private readonly TestProbe _heartbeat;
    private readonly TestProbe _happenings;
    private readonly MetricsRegistry _metrics = new();

    public HealthActorTests()
        : base("akka.loglevel = ERROR")
    {
        _heartbeat = CreateTestProbe();
        _happenings = CreateTestProbe();
        Sys.EventStream.Subscribe(_happenings, typeof(Happening));
        _board.Post(
            new StatusBoard.Line(
                new PartitionId(0),
                new ReplicaId(new NodeId("app1"), new DataId(Guid.Empty)),
                ReplicaRole.Primary,
                new Epoch(1),
                Position.Zero,
                0,
                Released: false,
                Trouble: null,
                Instant.Zero,
                Entries: 0
            )
        );
        var settings = new HealthSettings(["check"], TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1), 3, 2);
        var (board, heartbeat, metrics) = (_board, _heartbeat.Ref, new FailoverMetrics(_metrics));
        Func<Task<string?>> check = Asked;
        Sys.ActorOf(Props.Create(() => new HealthActor(settings, check, board, heartbeat, metrics)));
    }

    [Fact]
    public void Trouble_is_on_the_board_and_told_at_once_after_so_many_failures_and_ends_after_so_many_good_checks()
    {
        Answers("exit 1", "exit 1");
        Assert.Null(Trouble);

        Answers("exit 1: 'disk on fire'");
        const string expected = "the application's health check failed 3 times: exit 1: 'disk on fire'";
        _heartbeat.ExpectMsg<HeartbeatActor.Beat>();
        Assert.Equal(new Happening("health", expected), _happenings.ExpectMsg<Happening>());
        Assert.Equal(expected, Trouble);
        Assert.Contains("failover_application_healthy 0\n", Scraped, StringComparison.Ordinal);

        Answers(null, "exit 1", null);
        Assert.Equal(expected, Trouble);

        Answers((string?)null);
        _heartbeat.ExpectMsg<HeartbeatActor.Beat>();
        Assert.Equal("the application's health check passes again", _happenings.ExpectMsg<Happening>().Message);
        Assert.Null(Trouble);
        Assert.Contains("failover_application_healthy 1\n", Scraped, StringComparison.Ordinal);
        Assert.Contains("failover_health_checks_total{result=\"failed\"} 4\n", Scraped, StringComparison.Ordinal);
    }

    [Fact]
    public void One_check_runs_at_a_time()
    {
        var first = _checks.Take();

        Assert.False(_checks.TryTake(out _, TimeSpan.FromMilliseconds(20)));

        first.SetResult(null);
        _checks.Take().SetResult(null);
    }

    [Fact]
    public void A_replicas_own_trouble_is_told_rather_than_the_applications()
    {
        _board.Post(_board.Lines.Single() with { Trouble = "no space left" });
        Answers("exit 1", "exit 1", "exit 1");
        _heartbeat.ExpectMsg<HeartbeatActor.Beat>();

        Assert.Equal("no space left", Trouble);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _metrics.Dispose();
    }

    private string? Trouble => Assert.Single(_board.Report(Instant.Zero)).Trouble;

    private string Scraped
    {
        get
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            _metrics.WriteTo(output);
            return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
        }
    }

    private Task<string?> Asked()
    {
        var check = new TaskCompletionSource<string?>();
        _checks.Add(check);
        return check.Task;
    }

    private void Answers(params string?[] failures)
    {
        foreach (var failure in failures)
            _checks.Take().SetResult(failure);
    }
}
