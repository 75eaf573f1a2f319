using Failover.Core;
using Failover.Node.Storage;

namespace Failover.Node.Tests.Storage;

public sealed class NodeDirectoryTests : IDisposable
{
    private static readonly NodeId App1 = new("app1");
    private readonly TemporaryDirectory _directory = new();
    private readonly StoppedClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Creates_what_is_missing()
    {
        using var opened = Open("data/app1");

        Assert.True(Directory.Exists(_directory["data/app1"]));
        Assert.Equal(_directory["data/app1/partition-3"], opened.Partition(new PartitionId(3)));
    }

    [Fact]
    public void Each_opening_is_a_larger_incarnation_even_when_the_clock_stands_still_or_runs_back()
    {
        List<Incarnation> incarnations = [];
        foreach (var milliseconds in (long[])[1_000_000, 1_000_000, 500, 2_000_000])
        {
            _clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            using var opened = Open("app1");
            incarnations.Add(opened.Incarnation);
        }

        Assert.Equal([new(1_000_000), new(1_000_001), new(1_000_002), new Incarnation(2_000_000)], incarnations);
    }

    [Fact]
    public void Is_held_by_one_at_a_time_and_names_the_holder()
    {
        var first = Open("app1");

        var refused = Refused("app1");
        Assert.Equal(DataDirectoryProblem.InUse, refused.Problem);
        Assert.Contains($"by process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("failover.data-dir", refused.Message, StringComparison.Ordinal);

        first.Dispose();
        Open("app1").Dispose();
    }

    [Fact]
    public void A_file_in_its_place_is_refused()
    {
        File.WriteAllText(_directory["file"], "");

        Assert.Equal(DataDirectoryProblem.NotADirectory, Refused("file").Problem);
        Assert.Equal(DataDirectoryProblem.NotADirectory, Refused("file/below").Problem);
    }

    [Fact]
    public void Another_nodes_directory_is_refused_and_let_go_again()
    {
        Open("data").Dispose();

        var refused = Assert.Throws<DataDirectoryException>(() =>
            NodeDirectory.Open(_directory["data"], new NodeId("app2"), _clock)
        );

        Assert.Equal(DataDirectoryProblem.BelongsToAnotherNode, refused.Problem);
        Open("data").Dispose();
    }

    [Theory]
    [InlineData(Libc.EACCES)]
    [InlineData(Libc.EROFS)]
    public void One_that_may_not_be_written_is_refused(int errno)
    {
        var disk = new SimulatedDisk { Before = (o, path) => throw StorageException.FromErrno(o, path, errno) };

        var refused = Assert.Throws<DataDirectoryException>(() => NodeDirectory.Open("/data", App1, _clock, disk));

        Assert.Equal(DataDirectoryProblem.NotWritable, refused.Problem);
    }

    [Fact]
    public void Its_small_files_are_kept()
    {
        using (var opened = Open("app1"))
            opened.File("acceptor").Save([1, 2]);

        using var again = Open("app1");
        Assert.Equal([1, 2], again.File("acceptor").Load());
    }

    private NodeDirectory Open(string name) => NodeDirectory.Open(_directory[name], App1, _clock);

    private DataDirectoryException Refused(string name) => Assert.Throws<DataDirectoryException>(() => Open(name));

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
