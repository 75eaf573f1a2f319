using System.Diagnostics;

namespace Akka.Remote;

/// <summary>How often something that others can cause is worth a line: some at once, afterwards one per period.</summary>
/// <remarks>May be used from any thread. What got no line is counted, and the next line tells the number.</remarks>
internal sealed class LogBudget(int atOnce, TimeSpan period)
{
    private readonly Lock _lock = new();
    private readonly long _period = (long)(period.TotalSeconds * Stopwatch.Frequency);
    private long _spentUntil = long.MinValue;
    private long _total;
    private long _silent;

    /// <summary>How often it has happened.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>It has happened once more.</summary>
    /// <param name="note">What the line should end with: how often there was no line before it.</param>
    /// <returns>Whether there shall be a line.</returns>
    public bool Spend(out string note) => Spend(Stopwatch.GetTimestamp(), out note);

    internal bool Spend(long now, out string note)
    {
        lock (_lock)
        {
            _total++;
            // Each line costs a period; as many as are allowed at once may be owed.
            var owedUntil = Math.Max(_spentUntil, now) + _period;
            if (owedUntil - now > atOnce * _period)
            {
                _silent++;
                note = "";
                return false;
            }

            _spentUntil = owedUntil;
            note = _silent == 0 ? "" : $" ({_silent} more since the last such line, {_total} in all)";
            _silent = 0;
            return true;
        }
    }
}
