namespace Failover.Node.Storage;

/// <summary>What is known of one file of the log.</summary>
/// <param name="path">The file.</param>
/// <param name="firstFrame">The number of the first frame in it.</param>
internal sealed class LogSegment(string path, long firstFrame)
{
    public string Path { get; } = path;

    public long FirstFrame { get; } = firstFrame;

    /// <summary>The largest sequence ever written to it; 0 when there is none.</summary>
    /// <remarks>
    /// Truncations do not lower it. Say this segment ends with 61, the next begins with 62 and then truncates after 49:
    /// were this one taken as ending with 49 and dropped for a snapshot at 49, replaying the next would meet 62 first.
    /// </remarks>
    public long LargestSequence { get; private set; }

    public void Contains(long sequence) => LargestSequence = Math.Max(LargestSequence, sequence);
}
