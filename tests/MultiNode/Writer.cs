using System.Collections.Concurrent;

namespace Failover.MultiNode;

/// <summary>A client of one node that writes one key after the other until it is told to stop.</summary>
internal sealed class Writer
{
    private readonly Formation _formation;
    private readonly string _via;
    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private readonly Task _work;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopped;

    private Writer(Formation formation, string via)
    {
        _formation = formation;
        _via = via;
        _work = Task.Run(Work);
    }

    public static Writer Start(Formation formation, string via) => new(formation, via);

    /// <summary>The node it is a client of.</summary>
    public string Via => _via;

    /// <summary>What the formation promised to keep.</summary>
    public IReadOnlyDictionary<string, string> Acknowledged => _acknowledged;

    /// <summary>Waits until this many more writes were acknowledged than now.</summary>
    public async Task Writes(int more)
    {
        var goal = _acknowledged.Count + more;
        while (_acknowledged.Count < goal)
        {
            var next = Volatile.Read(ref _more).Task;
            if (_acknowledged.Count < goal)
                await (await Task.WhenAny(next, _work).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    /// <exception cref="InvalidOperationException">A write failed.</exception>
    public async Task<IReadOnlyDictionary<string, string>> Stop()
    {
        _stopped = true;
        await _work.ConfigureAwait(false);
        return _acknowledged;
    }

    private async Task Work()
    {
        for (var i = 0; !_stopped; i++)
        {
            var (key, value) = ($"{_via}-{i}", $"{i}");
            await _formation.Put(_via, key, value).ConfigureAwait(false);
            _acknowledged[key] = value;
            Interlocked
                .Exchange(ref _more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
                .SetResult();
        }
    }
}
