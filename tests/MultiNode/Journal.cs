using System.Collections.Concurrent;
using Akka.Event;
using Failover.Core;
using Failover.Core.Policy;
using Failover.Core.Views;
using Failover.Messages;

namespace Failover.MultiNode;

/// <summary>All that the nodes of a formation let be seen, as it comes in. Any thread writes and reads.</summary>
internal sealed class Journal
{
    /// <summary>Far longer than anything takes, so that only a formation that is stuck runs into it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<NodeId, FormationState> _states = new();
    private readonly ConcurrentDictionary<(NodeId By, NodeId Of), NodeObserved> _observed = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The newest state that <paramref name="node"/> has told since it started; null if it told none.</summary>
    public FormationState? StateAt(NodeId node) => _states.GetValueOrDefault(node);

    /// <summary>The newest state that any running node has told.</summary>
    public FormationState? State => _states.Values.MaxBy(s => s.Version);

    /// <summary>What one node last heard of another, or of itself.</summary>
    public NodeObserved? Observed(NodeId by, NodeId of) => _observed.GetValueOrDefault((by, of));

    /// <summary>How many lines say this.</summary>
    public int Count(string text) => _lines.Count(l => l.Contains(text, StringComparison.Ordinal));

    public void Add(NodeId node, object what)
    {
        switch (what)
        {
            case FormationRead { State: { } state }:
                Learn(node, state);
                break;
            case StateLearned learned:
                Learn(node, learned.State);
                break;
            case NodeObserved observed:
                _observed[(node, observed.Node)] = observed;
                break;
            case Happening happening:
                Note($"{node}: {happening.Kind}: {happening.Message}");
                break;
            case LogEvent entry:
                Note($"{node}: log: {entry.Message}");
                return;
        }

        Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
    }

    public void Note(string line) =>
        _lines.Enqueue($"{TimeProvider.System.GetElapsedTime(_start).TotalSeconds:0.000} {line}");

    /// <summary>What the node told is of a process that has ended.</summary>
    public void Forget(NodeId node)
    {
        _states.TryRemove(node, out _);
        foreach (var key in _observed.Keys.Where(k => k.By == node))
            _observed.TryRemove(key, out _);
    }

    /// <summary>Waits until the condition holds: it is looked at again whenever a node lets something be seen.</summary>
    /// <exception cref="TimeoutException">It never held; the message tells all that was seen.</exception>
    public async Task Until(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            // Taken before the look, so that nothing happens unseen between the two.
            var changed = Volatile.Read(ref _changed).Task;
            if (await holds().ConfigureAwait(false))
            {
                Note($"— {what}");
                return;
            }

            try
            {
                await changed.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"never came true: {what}\n{this}");
            }
        }
    }

    public override string ToString() => string.Join('\n', _lines);

    private void Learn(NodeId node, FormationState state)
    {
        if (StateAt(node) is { } known && known.Version >= state.Version)
            return;
        _states[node] = state;
        Note(
            $"{node}: knows version {state.Version}: {string.Join("; ", state.Views.Select(v => $"{v.Key} {v.Value}"))}"
        );
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
