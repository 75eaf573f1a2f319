using Failover.Formation;

namespace Failover.EndToEnd;

/// <summary>A standby's log is damaged while its process is down.</summary>
public sealed class LogDamageTests
{
    private const string Entry = "monitor1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_torn_tail_is_cut_and_the_replica_takes_what_it_lacks_from_the_primary()
    {
        await using var formation = await LocalFormation.Start();
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        var (standby, log) = await KillTheStandby(formation, writer);

        Change(log, EndOf(log) - 1);

        await RejoinsWithEverything(formation, writer, standby);
        Assert.Contains(
            "was cut short by a crash and was never acknowledged",
            formation.LogOf(standby),
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(Damaged(log)));
    }

    [Fact]
    public async Task A_corrupt_middle_is_reported_with_file_and_offset_kept_aside_and_the_replica_joins_anew_without_data()
    {
        await using var formation = await LocalFormation.Start();
        await using var writer = new SteadyWriter(formation.Node(Entry).Http);
        var (standby, log) = await KillTheStandby(formation, writer);

        Change(log, EndOf(log) / 2);

        await RejoinsWithEverything(formation, writer, standby);
        Assert.Matches(
            $@"its data is damaged and was moved aside \({log} at offset \d+: .*\); it starts empty",
            formation.LogOf(standby)
        );
        Assert.True(File.Exists(Path.Combine(Damaged(log), Path.GetFileName(log))));
    }

    private static async Task<(string Standby, string Log)> KillTheStandby(
        LocalFormation formation,
        SteadyWriter writer
    )
    {
        var before = await formation.Until(Entry, c => c.InSync().Length == 2, "both in sync", Patience);
        var standby = before.InSync().Single(n => n != before.Primary());
        await writer.More(100, Patience);
        formation.Kill(standby);
        await formation.Until(Entry, c => c.InSync().Length == 1, "the standby is missed", Patience);
        await writer.More(20, Patience);
        return (
            standby,
            Directory
                .GetFiles(formation.Directory, "log-*.seg", SearchOption.AllDirectories)
                .Single(f => f.Contains($"/{standby}/", StringComparison.Ordinal))
        );
    }

    private static async Task RejoinsWithEverything(LocalFormation formation, SteadyWriter writer, string standby)
    {
        await formation.StartNode(standby);
        await formation.Until(Entry, c => c.InSync().Length == 2, "in sync again", Patience);
        await writer.Stop();
        Assert.Empty(writer.MissingFrom(await formation.StateOf("app1")));
        Assert.Equal(await formation.StateOf("app1"), await formation.StateOf("app2"));
    }

    private static string Damaged(string log) => Path.Combine(Path.GetDirectoryName(log)!, "damaged-1");

    /// <summary>Behind the last byte that was written; the rest of the file is reserved.</summary>
    private static long EndOf(string log) => File.ReadAllBytes(log).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private static void Change(string log, long at)
    {
        using var file = File.Open(log, FileMode.Open);
        file.Position = at;
        var was = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(was ^ 0xFF));
    }
}
