using System.Collections.Concurrent;
using System.Diagnostics;
using Failover.Bench.SideBySide.Contenders;

namespace Failover.Bench.SideBySide.Measures;

/// <summary>
/// A few clients that each write one new key after the other, and try each again, at one server after the other, until
/// it is acknowledged. The same for every contender.
/// </summary>
/// <remarks>
/// Most are hasty: they show when somebody takes writes again. The patient ones talk to the leader and wait for it as long as
/// most client libraries do by default: they show what a leader says that was frozen, and does not know that it has been replaced.
/// </remarks>
internal sealed class Writers : IAsyncDisposable
{
    public const int Hasty = 4;

    public const int Patient = 2;

    /// <summary>After this long a hasty client asks another server.</summary>
    public static readonly TimeSpan HastyAttempt = TimeSpan.FromMilliseconds(100);

    /// <summary>And a patient one.</summary>
    public static readonly TimeSpan PatientAttempt = TimeSpan.FromSeconds(5);

    /// <summary>Between two writes of a client, so that writers leave the machine to those who elect.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>After every server has said no.</summary>
    private static readonly TimeSpan PauseAfterLap = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int _generation;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private readonly Lock _firsts = new();
    private readonly List<(long Rule, long At)> _firstOfRule = [];
    private readonly Task[] _work;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Writers(Contender contender, int leader)
    {
        var generation = Interlocked.Increment(ref _generation);
        _work =
        [
            .. Enumerable
                .Range(0, Hasty)
                .Select(i => Start($"{generation}-h{i}", To(contender, i % contender.Servers), HastyAttempt)),
            .. Enumerable
                .Range(0, Patient)
                .Select(i => Start($"{generation}-p{i}", To(contender, leader), PatientAttempt)),
        ];
    }

    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    /// <summary>Whose rule acknowledged last; null: nothing has been acknowledged.</summary>
    public long? Rule
    {
        get
        {
            lock (_firsts)
                return _firstOfRule.Count == 0 ? null : _firstOfRule[^1].Rule;
        }
    }

    /// <summary>When, by <see cref="Stopwatch.GetTimestamp"/>, the first write was acknowledged after this rule ended.</summary>
    /// <param name="rule">Null: there was none before.</param>
    /// <exception cref="TimeoutException">None was.</exception>
    public async Task<long> FirstAfter(long? rule, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var changed = Volatile.Read(ref _changed);
                if (At(rule) is { } at)
                    return at;
                await changed.Task.WaitAsync(patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"no write was acknowledged within {Patience.TotalSeconds:0} s");
        }
    }

    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_work).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        _stop.Dispose();
    }

    private long? At(long? rule)
    {
        lock (_firsts)
        {
            var later = _firstOfRule.FindIndex(f => f.Rule == rule) + 1;
            return later < _firstOfRule.Count ? _firstOfRule[later].At : null;
        }
    }

    private static Route To(Contender contender, int first) =>
        new([.. Enumerable.Range(0, contender.Servers).Select(contender.Connect)], first, TimeProvider.System);

    private Task Start(string name, Route route, TimeSpan attempt) => Task.Run(() => Write(name, route, attempt));

    private async Task Write(string name, Route route, TimeSpan attempt)
    {
        using var closed = route;
        for (var i = 1; !_stop.IsCancellationRequested; i++)
        {
            var key = $"{name}-{i}";
            while (!_stop.IsCancellationRequested)
            {
                if (await route.Try(key, "1", attempt).ConfigureAwait(false) is { } rule)
                {
                    Note(key, rule);
                    await Task.Delay(Pause).ConfigureAwait(false);
                    break;
                }

                if (route.LapEnds)
                    await Task.Delay(PauseAfterLap).ConfigureAwait(false);
            }
        }
    }

    private void Note(string key, long rule)
    {
        var at = Stopwatch.GetTimestamp();
        _acknowledged.Enqueue(key);
        lock (_firsts)
        {
            if (_firstOfRule.Exists(f => f.Rule == rule))
                return;
            _firstOfRule.Add((rule, at));
        }

        Interlocked
            .Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .SetResult();
    }
}
