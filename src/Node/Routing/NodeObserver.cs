using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core;
using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Metrics;

namespace Failover.Node.Routing;

/// <summary>Who listens to this node's events. Any thread subscribes; the observer actor notifies.</summary>
internal sealed class NodeObserver(NodeId self, TimeProvider time)
{
    private ImmutableList<Action<NodeEvent>> _subscribers = [];

    public IDisposable Subscribe(Action<NodeEvent> subscriber)
    {
        ImmutableInterlocked.Update(ref _subscribers, list => list.Add(subscriber));
        return new Subscription(this, subscriber);
    }

    public void Notify(string kind, string message)
    {
        var happened = new NodeEvent(kind, time.GetUtcNow(), self, message);
        foreach (var subscriber in _subscribers)
            subscriber(happened);
    }

    private sealed class Subscription(NodeObserver observer, Action<NodeEvent> subscriber) : IDisposable
    {
        public void Dispose() =>
            ImmutableInterlocked.Update(ref observer._subscribers, list => list.Remove(subscriber));
    }
}

/// <summary>Hears what happens on the node, and keeps its knowledge of the formation.</summary>
internal sealed class ObserverActor : ReceiveActor
{
    private readonly NodeObserver _observer;
    private readonly Knowledge _knowledge;
    private readonly FailoverMetrics _metrics;

    public ObserverActor(NodeObserver observer, Knowledge knowledge, FailoverMetrics metrics)
    {
        _metrics = metrics;
        _observer = observer;
        _knowledge = knowledge;
        Receive<Happening>(m => _observer.Notify(m.Kind, m.Message));
        Receive<StateLearned>(m => OnState(m.State));
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Happening));
        Context.System.EventStream.Subscribe(Self, typeof(StateLearned));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnState(FormationState state)
    {
        var before = _knowledge.State;
        _knowledge.Learn(state);
        if (before is not null)
            Count(before, state);
        foreach (var (partition, view) in state.Views)
        {
            if (!view.Equals(before?.ViewOf(partition)))
            {
                var inSync = string.Join(", ", view.InSync.Select(r => r.Node));
                _observer.Notify(
                    "view",
                    $"partition {partition}: epoch {view.Epoch}, primary {view.Primary.Node}, in sync [{inSync}]"
                );
            }
        }
    }

    /// <summary>Counts the promotions that this node has heard of as they happened; their recovery once it was measured.</summary>
    private void Count(FormationState before, FormationState after)
    {
        foreach (var entry in after.History)
        {
            var kind = entry.Kind switch
            {
                DecisionKind.Failover => "failover",
                DecisionKind.Switchover => "switchover",
                DecisionKind.Forced or DecisionKind.ForcedInSync => "forced",
                _ => null,
            };
            if (kind is null)
                continue;
            var known = before.History.FirstOrDefault(e => e.Version == entry.Version);
            if (known is null && entry.Version > before.Version)
                _metrics.Failover(kind);
            if (known?.Phases is null && entry.Phases is { } phases)
                _metrics.Recovered(TimeSpan.FromMilliseconds(phases.Total), isPlanned: kind == "switchover");
        }
    }
}
