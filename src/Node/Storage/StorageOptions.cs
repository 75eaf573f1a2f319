namespace Failover.Node.Storage;

/// <summary>How a partition's log uses the disk.</summary>
internal sealed record StorageOptions
{
    /// <summary>How large a file of the log is made. The space is reserved when the file is created.</summary>
    /// <value>
    /// Default 16 MiB, from 64 KiB to 256 MiB. Small ones cost a pause of some milliseconds each time one is full; large
    /// ones keep covered entries on disk longer, because only whole files are deleted.
    /// </value>
    public int SegmentBytes
    {
        get;
        init => field = Within(value, 64 << 10, 256 << 20);
    } = 16 << 20;

    /// <summary>How much goes into one write and one <c>fdatasync</c> when more is waiting.</summary>
    /// <value>
    /// Default 1 MiB, from 4 KiB to 64 MiB. Small ones sync more often under load; large ones let the first entry wait
    /// for the last one's bytes.
    /// </value>
    public int GroupBytes
    {
        get;
        init => field = Within(value, 4 << 10, 64 << 20);
    } = 1 << 20;

    /// <summary>How many entries may wait for the disk before the append blocks.</summary>
    /// <value>
    /// Default 65,536, from 1 to 16,777,216. Small ones stop the replica at each hiccup of the disk; large ones hold the
    /// memory of all that waits.
    /// </value>
    public int QueueEntries
    {
        get;
        init => field = Within(value, 1, 1 << 24);
    } = 1 << 16;

    /// <summary>How many bytes may wait for the disk; a single larger append is still taken when nothing else waits.</summary>
    /// <value>Default 64 MiB, from 64 KiB to 1 GiB. The extremes are those of <see cref="QueueEntries"/>.</value>
    public int QueueBytes
    {
        get;
        init => field = Within(value, 64 << 10, 1 << 30);
    } = 64 << 20;

    /// <summary>How far the log may outgrow its snapshot before the replica's owner should call for a checkpoint.</summary>
    /// <value>
    /// Default 64 MiB, from 64 KiB to 1 TiB. Small ones write the whole map again and again; large ones make a restart
    /// read that much more and the disk hold it.
    /// </value>
    public long SnapshotAfterBytes
    {
        get;
        init => field = Within(value, 64L << 10, 1L << 40);
    } = 64 << 20;

    private static T Within<T>(T value, T least, T most)
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        return value;
    }
}
