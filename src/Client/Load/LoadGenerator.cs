using System.Globalization;
using System.Text;
using Failover.Client.Api;

namespace Failover.Client.Load;

/// <summary>Sends reads and writes from many clients at once and measures what they see, failovers included.</summary>
internal sealed class LoadGenerator(FormationClient client, LoadOptions options, TimeProvider time)
{
    private const string Prefix = "bench:";
    private const string OfADeadNode = "the formation did not answer";

    private readonly byte[] _value = Encoding.UTF8.GetBytes("\"" + new string('x', options.Size) + "\"");

    /// <param name="progress">Called about once a second.</param>
    /// <param name="cancel">Ends the run early; what was measured until then is the result.</param>
    public async Task<LoadResult> RunAsync(Action<LoadProgress> progress, CancellationToken cancel)
    {
        if (options.Mode != LoadMode.Write)
            await ForEachKeyAsync((key, session) => WriteAsync(key, session, cancel), cancel);

        var start = time.GetTimestamp();
        var gap = new WriteGap(start, time);
        using var end = new CancellationTokenSource(options.Duration, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancel);
        var workers = Enumerable.Range(0, options.Clients).Select(number => new Worker(number)).ToArray();
        var running = Task.WhenAll(
            workers.Select(worker => Task.Run(() => WorkAsync(worker, gap, either.Token), default))
        );
        await ReportAsync(workers, start, progress, running);

        await running;
        var stop = time.GetTimestamp();
        return Sum(
            workers,
            time.GetElapsedTime(start, stop),
            options.Mode == LoadMode.Read ? null : gap.LongestUntil(stop)
        );
    }

    /// <summary>Removes what the run wrote.</summary>
    public Task CleanUpAsync(CancellationToken cancel) =>
        ForEachKeyAsync(
            (key, session) =>
                client.SendAsync(new ApiRequest(HttpMethod.Delete, FormationApi.KeyPath(key)), session, cancel),
            cancel
        );

    private async Task WorkAsync(Worker worker, WriteGap gap, CancellationToken end)
    {
        var random = new Random(worker.Number);
        var session = ClientSession.Create();
        while (!end.IsCancellationRequested)
        {
            var key = Key(random.Next(options.Keys));
            var isWrite = options.Mode switch
            {
                LoadMode.Write => true,
                LoadMode.Read => false,
                _ => random.Next(2) == 0,
            };
            var began = time.GetTimestamp();
            try
            {
                var answer = isWrite
                    ? await WriteAsync(key, session, end)
                    : await client.SendAsync(ApiRequest.Get(FormationApi.KeyPath(key)), null, end);
                var done = time.GetTimestamp();
                if (!answer.IsSuccess)
                {
                    worker.Fail(string.Create(CultureInfo.InvariantCulture, $"HTTP {answer.Status}"));
                    continue;
                }

                worker.Succeed(isWrite, time.GetElapsedTime(began, done));
                if (isWrite)
                    gap.Acknowledged(done);
            }
            catch (OperationCanceledException)
            {
                // The end of the run: the request under way is no measurement.
                return;
            }
            catch (CommandException)
            {
                worker.Fail(OfADeadNode);
            }
        }
    }

    private Task<ApiAnswer> WriteAsync(string key, ClientSession session, CancellationToken cancel) =>
        client.SendAsync(FormationApi.PutRequest(key, _value), session, cancel);

    private Task ForEachKeyAsync(Func<string, ClientSession, Task<ApiAnswer>> send, CancellationToken cancel) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, options.Keys),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel },
            async (number, _) =>
            {
                var answer = await send(Key(number), ClientSession.Create());
                if (answer.Status != 404)
                    FormationApi.Accepted(answer);
            }
        );

    private async Task ReportAsync(Worker[] workers, long start, Action<LoadProgress> progress, Task running)
    {
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), time)) != running)
            progress(
                new LoadProgress(
                    time.GetElapsedTime(start),
                    workers.Sum(worker => worker.Operations),
                    workers.Sum(worker => worker.Errors)
                )
            );
    }

    private static LoadResult Sum(Worker[] workers, TimeSpan elapsed, TimeSpan? gap)
    {
        var latency = new LatencyHistogram();
        foreach (var worker in workers)
            latency.Add(worker.Latency);
        return new LoadResult(
            elapsed,
            workers.Sum(worker => worker.Writes),
            workers.Sum(worker => worker.Reads),
            workers.Sum(worker => worker.Errors),
            workers
                .SelectMany(worker => worker.ErrorKinds)
                .GroupBy(kind => kind.Key)
                .ToDictionary(kind => kind.Key, kind => kind.Sum(each => each.Value)),
            latency,
            gap
        );
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}");

    /// <summary>One client's measurements; only its counters are read while it works.</summary>
    private sealed class Worker(int number)
    {
        private long _writes;
        private long _reads;
        private long _errors;

        public int Number { get; } = number;

        public LatencyHistogram Latency { get; } = new();

        public Dictionary<string, long> ErrorKinds { get; } = [];

        public long Writes => Volatile.Read(ref _writes);

        public long Reads => Volatile.Read(ref _reads);

        public long Errors => Volatile.Read(ref _errors);

        public long Operations => Writes + Reads;

        public void Succeed(bool isWrite, TimeSpan latency)
        {
            Latency.Add(latency);
            if (isWrite)
                Volatile.Write(ref _writes, _writes + 1);
            else
                Volatile.Write(ref _reads, _reads + 1);
        }

        public void Fail(string kind)
        {
            ErrorKinds[kind] = ErrorKinds.GetValueOrDefault(kind) + 1;
            Volatile.Write(ref _errors, _errors + 1);
        }
    }
}
