using System.Diagnostics;

namespace Failover.Formation;

/// <summary>Several writers at once, spread over the nodes, looked at together.</summary>
public sealed class WriterCrowd : IAsyncDisposable
{
    private readonly SteadyWriter[] _writers;

    /// <param name="endpoints">The nodes to write through; writers take them in turn.</param>
    /// <param name="count">How many writers there are.</param>
    public WriterCrowd(IReadOnlyList<string> endpoints, int count) =>
        _writers = [.. Enumerable.Range(0, count).Select(i => new SteadyWriter(endpoints[i % endpoints.Count]))];

    public int Acknowledged => _writers.Sum(w => w.All.Count);

    /// <summary>Writes that ended in an error.</summary>
    public int Failures => _writers.Sum(w => w.Failures);

    /// <summary>Waits until every writer had this many more acknowledged.</summary>
    public Task More(int each, TimeSpan patience) => Task.WhenAll(_writers.Select(w => w.More(each, patience)));

    /// <summary>Waits until every writer had one acknowledged in a later epoch; the earliest of these.</summary>
    public async Task<Acknowledged> FirstAfter(long epoch, TimeSpan patience) =>
        (await Task.WhenAll(_writers.Select(w => w.FirstAfter(epoch, patience))).ConfigureAwait(false)).MinBy(w =>
            w.At
        );

    /// <summary>
    /// The longest time without any acknowledged write that begins before <paramref name="until"/> and ends after
    /// <paramref name="from"/>.
    /// </summary>
    public TimeSpan LongestPause(long from, long until)
    {
        var longest = TimeSpan.Zero;
        long? before = null;
        foreach (var at in _writers.SelectMany(w => w.All).Select(w => w.At).Order())
        {
            if (before is { } last && last < until && at > from)
                longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(last, at).Ticks));
            before = at;
        }

        return longest;
    }

    /// <summary>How many acknowledged writes a replica's map lacks.</summary>
    public int MissingFrom(string state)
    {
        var entries = SteadyWriter.EntriesOf(state);
        return _writers.Sum(w => w.MissingFrom(entries).Count);
    }

    public Task Stop() => Task.WhenAll(_writers.Select(w => w.Stop()));

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers)
            await writer.DisposeAsync().ConfigureAwait(false);
    }
}
