using Akka.Actor;
using Akka.Event;
using Failover.Core.Detection;
using Failover.Messages;
using Failover.Node.Configuration;
using Failover.Node.Lifeline;
using Failover.Node.Metrics;

namespace Failover.Node.Application;

/// <summary>Asks the application how it is, one check after the other, and puts what ails it on the board that the heartbeat reads.</summary>
internal sealed class HealthActor : ReceiveActor, IWithTimers
{
    private readonly HealthSettings _settings;
    private readonly Func<Task<string?>> _check;
    private readonly StatusBoard _board;
    private readonly IActorRef _heartbeat;
    private readonly FailoverMetrics _metrics;
    private readonly ApplicationHealth _health;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <param name="check">Null if all is well, else what is wrong; see <see cref="ProgramRun.Ended"/>.</param>
    public HealthActor(
        HealthSettings settings,
        Func<Task<string?>> check,
        StatusBoard board,
        IActorRef heartbeat,
        FailoverMetrics metrics
    )
    {
        _settings = settings;
        _check = check;
        _board = board;
        _heartbeat = heartbeat;
        _metrics = metrics;
        _health = new ApplicationHealth(settings.Failures, settings.Recoveries);

        Receive<Due>(_ => _check().PipeTo(Self, success: failure => new Checked(failure)));
        Receive<Checked>(OnChecked);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private sealed record Due
    {
        public static readonly Due Instance = new();
    }

    private sealed record Checked(string? Failure);

    protected override void PreStart()
    {
        _metrics.Application(healthy: true);
        Self.Tell(Due.Instance);
    }

    private void OnChecked(Checked result)
    {
        var before = _health.Trouble;
        if (result.Failure is { } reason)
            _health.Failed(reason);
        else
            _health.Passed();
        _metrics.HealthChecked(result.Failure is null);
        if (_health.Trouble != before)
            Tell(_health.Trouble);
        Timers.StartSingleTimer(nameof(Due), Due.Instance, _settings.Interval);
    }

    private void Tell(string? trouble)
    {
        _board.HealthAilment = trouble;
        _metrics.Application(trouble is null);
        // Nobody should have to wait for the next heartbeat to know.
        _heartbeat.Tell(HeartbeatActor.Beat.Instance);
        var message = trouble ?? "the application's health check passes again";
        if (trouble is null)
            _log.Info("{0}", message);
        else
            _log.Warning("{0}", message);
        Context.System.EventStream.Publish(new Happening("health", message));
    }
}
