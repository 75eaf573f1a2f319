using System.Diagnostics;

namespace Akka.Remote;

/// <summary>Closed for a while after a failed attempt to connect, twice as long after each. May be used from any thread.</summary>
internal sealed class RetryGate(TimeSpan longest)
{
    private long _closedUntil;
    private int _failures;

    public bool IsClosed => Volatile.Read(ref _closedUntil) is var until and not 0 && Stopwatch.GetTimestamp() < until;

    /// <returns>For how long.</returns>
    public TimeSpan Close()
    {
        var failures = Math.Min(Interlocked.Increment(ref _failures), 20);
        var pause = TimeSpan.FromTicks(Math.Min(longest.Ticks, (longest.Ticks / 100) << (failures - 1)));
        Volatile.Write(ref _closedUntil, Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency));
        return pause;
    }

    /// <returns>Whether it had been closed.</returns>
    public bool Open()
    {
        Volatile.Write(ref _failures, 0);
        return Interlocked.Exchange(ref _closedUntil, 0) != 0;
    }
}
