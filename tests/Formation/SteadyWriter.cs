using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Failover.Formation;

/// <summary>An acknowledged write.</summary>
/// <param name="At"><see cref="Stopwatch.GetTimestamp"/> when its answer had arrived.</param>
public readonly record struct Acknowledged(string Key, int Value, long Epoch, long At);

/// <summary>Writes one new key after the other through one node, without pause, and remembers what was acknowledged.</summary>
public sealed class SteadyWriter : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly ConcurrentQueue<Acknowledged> _acknowledged = new();
    private readonly ConcurrentDictionary<long, Acknowledged> _firsts = new();
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..8];
    private readonly string _endpoint;
    private readonly Task _work;
    private int _failures;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="endpoint">The node to write through; it finds the primary.</param>
    public SteadyWriter(string endpoint)
    {
        _endpoint = endpoint;
        _work = Task.Run(Write);
    }

    public IReadOnlyCollection<Acknowledged> All => _acknowledged;

    /// <summary>Writes that ended in an error.</summary>
    public int Failures => _failures;

    /// <summary>The first write acknowledged in a later epoch than <paramref name="epoch"/>.</summary>
    public async Task<Acknowledged> FirstAfter(long epoch, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            if (TryFirstAfter(epoch) is { } first)
                return first;
            await changed.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>The same if there is one already.</summary>
    public Acknowledged? TryFirstAfter(long epoch)
    {
        var later = _firsts.Where(f => f.Key > epoch).ToArray();
        return later.Length == 0 ? null : later.MinBy(f => f.Value.At).Value;
    }

    /// <summary>Waits for this many more acknowledged writes.</summary>
    public async Task More(int count, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var until = _acknowledged.Count + count;
        while (_acknowledged.Count < until)
        {
            var changed = Volatile.Read(ref _changed);
            if (_acknowledged.Count < until)
                await changed.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Which acknowledged writes a replica's map lacks.</summary>
    /// <param name="state">The map as <c>GET /state</c> gives it.</param>
    public IReadOnlyList<Acknowledged> MissingFrom(string state) => MissingFrom(EntriesOf(state));

    /// <inheritdoc cref="MissingFrom(string)"/>
    internal IReadOnlyList<Acknowledged> MissingFrom(IReadOnlyDictionary<string, JsonElement> state) =>
        [.. _acknowledged.Where(w => !state.TryGetValue(w.Key, out var value) || value.GetInt32() != w.Value)];

    /// <summary>For looking up every key: a document's own look-up goes through all of its members each time.</summary>
    internal static IReadOnlyDictionary<string, JsonElement> EntriesOf(string state) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(state)!;

    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task Write()
    {
        for (var i = 1; !_stop.IsCancellationRequested; i++)
        {
            var key = $"{_prefix}-{i}";
            try
            {
                using var answer = await _http
                    .PutAsJsonAsync($"{_endpoint}/kv-store/v1/kv/{key}", new { value = i })
                    .ConfigureAwait(false);
                if (!answer.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref _failures);
                    continue;
                }

                var body = await answer.Content.ReadFromJsonAsync<JsonElement>().ConfigureAwait(false);
                var write = new Acknowledged(key, i, body.GetProperty("epoch").GetInt64(), Stopwatch.GetTimestamp());
                _acknowledged.Enqueue(write);
                _firsts.TryAdd(write.Epoch, write);
                Interlocked
                    .Exchange(
                        ref _changed,
                        new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
                    )
                    .SetResult();
            }
            catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException)
            {
                Interlocked.Increment(ref _failures);
            }
        }
    }
}
