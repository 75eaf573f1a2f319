namespace Failover.Client.Load;

internal enum LoadMode
{
    Write,
    Read,
    Mixed,
}

/// <summary>What <c>bench</c> does.</summary>
internal sealed record LoadOptions
{
    /// <summary>How many callers send at the same time, each one request after the other.</summary>
    public int Clients { get; init; } = 16;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of each written value.</summary>
    public int Size { get; init; } = 100;

    public LoadMode Mode { get; init; } = LoadMode.Write;

    /// <summary>How many keys are written and read; they are removed afterwards.</summary>
    public int Keys { get; init; } = 100;
}

/// <summary>What happened so far.</summary>
internal sealed record LoadProgress(TimeSpan Elapsed, long Operations, long Errors);

/// <summary>What happened in all.</summary>
/// <param name="LongestWriteGap">Null when nothing was to be written.</param>
internal sealed record LoadResult(
    TimeSpan Elapsed,
    long Writes,
    long Reads,
    long Errors,
    IReadOnlyDictionary<string, long> ErrorKinds,
    LatencyHistogram Latency,
    TimeSpan? LongestWriteGap
)
{
    public double PerSecond => Elapsed > TimeSpan.Zero ? (Writes + Reads) / Elapsed.TotalSeconds : 0;
}
