using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Failover.Linearizability;

namespace Failover.Formation;

/// <summary>
/// Clients on sessions that read, write, and compare and set keys they share, each with a chain of its own beside
/// them; and the questions that must have good answers afterwards.
/// </summary>
/// <remarks>
/// A write that was applied twice shows in three ways. In a chain every step names the version that the step before
/// was answered with, so a second application makes the next step fail. A key's version at the end must be the one
/// that its last write was answered with. And no order of the shared keys' operations explains a value that came back.
/// </remarks>
public sealed class SessionLoad : IAsyncDisposable
{
    /// <summary>How many keys are shared at a time, and after how many operations by others.</summary>
    private const int SharedKeys = 4;
    private const int OperationsPerKey = 500;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Operation> _history = new();
    private readonly ConcurrentQueue<Write> _writes = new();
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly ConcurrentDictionary<long, long> _firstOfEpoch = new();
    private readonly SessionClient[] _clients;
    private readonly Task[] _work;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _operations;
    private int _acknowledged;

    /// <param name="Version">What it was answered with; null: never answered.</param>
    private sealed record Write(string Key, string Value, long? Version);

    /// <param name="endpoints">The nodes to ask; each client begins with another.</param>
    /// <param name="clients">How many clients there are.</param>
    public SessionLoad(IReadOnlyList<string> endpoints, int clients)
    {
        var run = Guid.NewGuid().ToString("N")[..6];
        _clients =
        [
            .. Enumerable
                .Range(0, clients)
                .Select(i => new SessionClient(
                    $"{run}-{i}",
                    [.. endpoints.Skip(i % endpoints.Count), .. endpoints.Take(i % endpoints.Count)]
                )),
        ];
        _work = [.. _clients.Select(c => Task.Run(() => Run(c)))];
    }

    public int Acknowledged => _acknowledged;

    /// <summary>Writes that nobody ever answered: they may have happened.</summary>
    public int Unanswered => _writes.Count(w => w.Version is null);

    public int Retries => _clients.Sum(c => c.Retries);

    public int Operations => _history.Count;

    /// <summary>When a write was first acknowledged in a later epoch.</summary>
    /// <returns><see cref="Stopwatch.GetTimestamp"/>.</returns>
    public async Task<long> FirstAfter(long epoch, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            var later = _firstOfEpoch.Where(f => f.Key > epoch).Select(f => f.Value).ToArray();
            if (later.Length > 0)
                return later.Min();
            await changed.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for this many more acknowledged writes.</summary>
    public async Task More(int count, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var until = Volatile.Read(ref _acknowledged) + count;
        while (Volatile.Read(ref _acknowledged) < until)
        {
            var changed = Volatile.Read(ref _changed);
            if (Volatile.Read(ref _acknowledged) < until)
                await changed.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Lets every client finish what it has begun.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_work).ConfigureAwait(false);
    }

    /// <summary>After <see cref="Stop"/>: every promise that was broken, a sentence each.</summary>
    /// <param name="endpoint">Whom to ask what the map holds now.</param>
    public async Task<IReadOnlyList<string>> WhatIsBroken(string endpoint)
    {
        var broken = _broken.ToList();
        foreach (
            var twice in _writes
                .Where(w => w.Version is not null)
                .GroupBy(w => (w.Key, w.Version))
                .Where(same => same.Count() > 1)
        )
            broken.Add($"version {twice.Key.Version} of {twice.Key.Key} was given to {twice.Count()} writes");
        using var asking = new SessionClient("check", [endpoint]);
        foreach (var key in _writes.GroupBy(w => w.Key))
        {
            var now = await asking.Get(key.Key, CancellationToken.None).ConfigureAwait(false);
            if (WhyWrong([.. key], now) is { } wrong)
                broken.Add($"{key.Key}: {wrong}");
        }

        if (Checker.FindViolation(_history) is { } unexplained)
            broken.Add($"no order explains what the clients were told of {unexplained}");
        return broken;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        foreach (var client in _clients)
            client.Dispose();
        _stop.Dispose();
    }

    private static string? WhyWrong(Write[] writes, SessionAnswer now)
    {
        if (now is not SessionAnswer.Found found)
            return $"it cannot be read: {now}";
        var newest = writes.Where(w => w.Version is not null).MaxBy(w => w.Version);
        var itself = writes.FirstOrDefault(w => w.Value == found.Value);
        if (found.Version < (newest?.Version ?? 0))
            return $"the write acknowledged as version {newest!.Version} is missing; the key has version {found.Version}";
        if (itself is null)
            return found.Value is null ? null : $"it holds {found.Value}, which nobody wrote";
        return itself.Version is { } version && version != found.Version
            ? $"{found.Value} was acknowledged as version {version} and is there as version {found.Version}: applied twice"
            : null;
    }

    private async Task Run(SessionClient client)
    {
        var chain = $"chain-{client.Name}";
        long? version = 0;
        for (var i = 1; !_stop.IsCancellationRequested; i++)
        {
            try
            {
                version = await Step(client, chain, i, version).ConfigureAwait(false);
                await Share(client, i).ConfigureAwait(false);
            }
            catch (InvalidOperationException refused)
            {
                _broken.Enqueue(refused.Message);
                return;
            }
        }
    }

    /// <summary>The next step of a chain that nobody else touches.</summary>
    /// <returns>The chain's version; null when an answer is missing and the chain cannot go on.</returns>
    private async Task<long?> Step(SessionClient client, string chain, int step, long? version)
    {
        if (version is null)
            return null;
        var value = step.ToString(CultureInfo.InvariantCulture);
        var answer = await client.Put(chain, value, version, CancellationToken.None).ConfigureAwait(false);
        Note(chain, value, answer);
        if (answer is SessionAnswer.Mismatch)
            _broken.Enqueue(
                $"{chain}: step {step} did not find version {version}, which the step before was answered with"
            );
        return answer is SessionAnswer.Stored stored ? stored.Version : null;
    }

    /// <summary>A read, and a write or a compare-and-set, of a key that all clients share.</summary>
    private async Task Share(SessionClient client, int step)
    {
        var number = Interlocked.Increment(ref _operations);
        var key =
            $"shared-{client.Name[..6]}-{(number / (SharedKeys * OperationsPerKey) * SharedKeys) + (number % SharedKeys)}";
        var asked = Stopwatch.GetTimestamp();
        if (await client.Get(key, CancellationToken.None).ConfigureAwait(false) is not SessionAnswer.Found found)
            return;
        Record(
            new Operation(number * 2, OperationKind.Read, key, asked, Stopwatch.GetTimestamp()) { Found = found.Value }
        );

        var compares = step % 2 == 0;
        var value = $"{client.Name}-{step}";
        asked = Stopwatch.GetTimestamp();
        var answer = await client
            .Put(key, value, compares ? found.Version : null, CancellationToken.None)
            .ConfigureAwait(false);
        long? answered = answer is SessionAnswer.Unknown ? null : Stopwatch.GetTimestamp();
        Note(key, value, answer);
        Record(
            new Operation(
                (number * 2) + 1,
                compares ? OperationKind.CompareAndSet : OperationKind.Write,
                key,
                asked,
                answered
            )
            {
                Value = value,
                Expected = compares ? found.Value : null,
                Succeeded = answer is SessionAnswer.Stored,
            }
        );
    }

    private void Record(Operation operation) => _history.Enqueue(operation);

    private void Note(string key, string value, SessionAnswer answer)
    {
        switch (answer)
        {
            case SessionAnswer.Stored stored:
                _writes.Enqueue(new Write(key, value, stored.Version));
                _firstOfEpoch.TryAdd(stored.Epoch, Stopwatch.GetTimestamp());
                Interlocked.Increment(ref _acknowledged);
                break;
            case SessionAnswer.Unknown:
                _writes.Enqueue(new Write(key, value, null));
                break;
        }

        Interlocked
            .Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .SetResult();
    }
}
