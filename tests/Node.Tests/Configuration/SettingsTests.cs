using Failover.Core;
using Failover.Node.Configuration;

namespace Failover.Node.Tests.Configuration;

public sealed class SettingsTests
{
    private static readonly string[] Enough =
    [
        "failover.node=app1",
        "failover.voters=[app1, app2, monitor1]",
        "failover.data-dir=data/app1",
        "akka.cluster.roles=[data]",
    ];

    [Fact]
    public void The_reference_has_a_default_for_all_that_is_not_required()
    {
        var settings = Read();

        Assert.Equal(new NodeId("app1"), settings.Node);
        Assert.Equal<NodeId>([new("app1"), new("app2"), new("monitor1")], settings.Voters);
        Assert.Equal(("data/app1", 1), (settings.DataDirectory, settings.Partitions));
        Assert.Equal(TimeSpan.FromMilliseconds(50), settings.Lease.Interval);
        Assert.Equal(
            (TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(60)),
            (settings.BackOffMin, settings.BackOffMax)
        );
        Assert.Equal((null, TimeSpan.FromSeconds(10)), (settings.Health, settings.HealthBackOff));
        Assert.Equal((true, 1), (settings.Replication.Durable, settings.Replication.MinInSync));
        Assert.True(settings is { HasData: true, MayMonitor: false, Http.Enabled: true });
    }

    [Fact]
    public void A_health_check_is_a_program_with_its_arguments()
    {
        var health = Read("failover.health.command=[sh, -c, \"exit 0\"]", "failover.health.interval=1s").Health!;

        Assert.Equal(["sh", "-c", "exit 0"], health.Command.AsEnumerable());
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), (health.Interval, health.Timeout));
        Assert.Equal((3, 2), (health.Failures, health.Recoveries));
    }

    [Theory]
    [InlineData("failover.nod=app1", "unknown setting failover.nod; the nearest known one is failover.node")]
    [InlineData("failover.hearbeat.interval=50ms", "nearest known one is failover.heartbeat.interval")]
    [InlineData(
        "failover.http.prot=1",
        "unknown setting failover.http.prot; the nearest known one is failover.http.port"
    )]
    [InlineData("failover.replication={durabilty=disk}", "nearest known one is failover.replication.durability")]
    [InlineData("failover.replication.sessions=10", "unknown setting failover.replication.sessions")] // Must be equal everywhere.
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string setting, string expected) =>
        Assert.Contains(expected, Refused(setting), StringComparison.Ordinal);

    [Theory]
    [InlineData("failover.node=", "failover.node must be set")]
    [InlineData("failover.node=\"a b\"", "failover.node: \"a b\" is not a node name")]
    [InlineData("failover.voters=[]", "failover.voters must be set")]
    [InlineData("failover.voters=[app2]", "failover.voters [app2] must contain failover.node (app1)")]
    [InlineData("failover.voters=[app1, app1]", "failover.voters [app1, app1] names a node twice")]
    [InlineData("failover.data-dir=", "failover.data-dir must be set")]
    [InlineData("failover.partitions=0", "failover.partitions is 0; it must be between 1 and 1024")]
    [InlineData("failover.partitions=many", "failover.partitions cannot be read: ")]
    [InlineData(
        "failover.heartbeat.interval=1ms",
        "failover.heartbeat.interval is 1 ms; it must be between 5 ms and 10 s"
    )]
    [InlineData("failover.heartbeat.interval=soon", "failover.heartbeat.interval cannot be read: ")]
    [InlineData("failover.heartbeat.misses=0", "failover.heartbeat.misses is 0; it must be between 1 and 100")]
    [InlineData("failover.heartbeat.phi=17", "failover.heartbeat.phi is 17; it must be between 1 and 16")]
    [InlineData("failover.health.failures=0", "failover.health.failures is 0; it must be between 1 and 1000")]
    [InlineData("failover.health.command=check", "failover.health.command cannot be read: ")]
    [InlineData(
        "failover.monitor.back-off.health=61s",
        "failover.monitor.back-off.max (60000 ms) must not be shorter than failover.monitor.back-off.health (61000 ms)"
    )]
    [InlineData("failover.heartbeat.lease=60ms", "60 ms")]
    [InlineData("failover.heartbeat.lease=200ms", "failover.heartbeat.lease (200 ms) must be longer than the silence")]
    [InlineData(
        "failover.replication.durability=tape",
        "failover.replication.durability is \"tape\"; it must be one of disk, memory"
    )]
    [InlineData(
        "failover.replication.min-in-sync=10",
        "failover.replication.min-in-sync is 10; it must be between 1 and 9"
    )]
    [InlineData(
        "failover.replication.snapshot-after=4KiB",
        "failover.replication.snapshot-after is 4KiB; it must be a size between 64 KiB and 1 TiB"
    )]
    [InlineData("failover.limits.key=0", "failover.limits.key is 0; it must be a size between 1 B and 1 MiB")]
    [InlineData("failover.limits.body=4GiB", "failover.limits.body is 4GiB; it must be a size between 1 B and 1 GiB")]
    [InlineData("failover.limits.value=large", "failover.limits.value")]
    [InlineData("failover.http.enabled=maybe", "failover.http.enabled cannot be read: ")]
    [InlineData("failover.http.port=65536", "failover.http.port is 65536; it must be between 0 and 65535")]
    [InlineData("failover.probe.port=-1", "failover.probe.port is -1; it must be between 0 and 65535")]
    [InlineData(
        "failover.monitor.absence-timeout=0s",
        "failover.monitor.absence-timeout is 0 ms; it must be between 1 ms and 3600 s"
    )]
    [InlineData(
        "failover.monitor.back-off.min=2h",
        "failover.monitor.back-off.min is 7200 s; it must be between 1 ms and 3600 s"
    )]
    [InlineData(
        "failover.monitor.back-off.max=200ms",
        "failover.monitor.back-off.max (200 ms) must not be shorter than failover.monitor.back-off.min (300 ms)"
    )]
    [InlineData("akka.cluster.roles=[]", "akka.cluster.roles must name \"data\", \"monitor\" or both")]
    public void A_setting_that_cannot_be_used_is_named_in_one_line_with_its_value_and_its_bounds(
        string setting,
        string expected
    )
    {
        var refused = Refused(setting);

        Assert.Contains(expected, refused, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused);
    }

    [Theory]
    [InlineData("failover.http.port", "--set takes key=value, not 'failover.http.port'")]
    [InlineData("=1", "--set takes key=value, not '=1'")]
    [InlineData("failover.voters=[app1", "--set failover.voters=[app1: ")]
    public void A_set_option_that_is_no_setting_is_shown_as_it_was_given(string setting, string expected) =>
        Assert.StartsWith(expected, Refused(setting), StringComparison.Ordinal);

    [Theory]
    [InlineData("failover.data-dir=/var/lib/failover", "/var/lib/failover")]
    [InlineData("failover.data-dir=C:\\data\\app1", "C:\\data\\app1")]
    [InlineData("failover.data-dir=a,b#c", "a,b#c")]
    [InlineData("failover.data-dir=a=b", "a=b")]
    [InlineData("failover.data-dir = \"quoted\"", "quoted")]
    [InlineData("failover.data-dir=my data", "my data")]
    public void Text_needs_no_quotes_on_the_command_line(string setting, string expected) =>
        Assert.Equal(expected, Read(setting).DataDirectory);

    [Fact]
    public void The_last_word_counts() =>
        Assert.Equal(4, Read("failover.partitions=2", "failover.partitions=4").Partitions);

    [Theory]
    [InlineData("app.conf", "app1", "data")]
    [InlineData("monitor.conf", "monitor1", "monitor")]
    public void The_files_that_come_with_the_program_start_a_node(string file, string node, string role)
    {
        var settings = NodeSettings.From(
            ConfigurationLoader.Load(Path.Combine(AppContext.BaseDirectory, "hocon", file), [])
        );

        Assert.Equal((new NodeId(node), role), (settings.Node, Assert.Single(settings.Roles)));
        Assert.Equal<NodeId>([new("monitor1"), new("app1"), new("app2")], settings.Voters);
    }

    [Fact]
    public void Every_file_that_comes_with_the_program_can_be_read()
    {
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "hocon"), "*.conf");

        Assert.True(files.Length >= 3);
        Assert.All(files, file => ConfigurationLoader.Load(file, []));
    }

    [Fact]
    public void A_file_that_is_not_there_or_is_malformed_is_named()
    {
        using var directory = new Storage.TemporaryDirectory();
        File.WriteAllText(directory["bad.conf"], "failover { node = ");

        var missing = Assert.Throws<SettingsException>(() => ConfigurationLoader.Load(directory["none.conf"], []));
        var malformed = Assert.Throws<SettingsException>(() => ConfigurationLoader.Load(directory["bad.conf"], []));

        Assert.StartsWith(
            $"--config {directory["none.conf"]} cannot be read",
            missing.Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith($"{directory["bad.conf"]}: ", malformed.Message, StringComparison.Ordinal);
    }

    private static NodeSettings Read(params string[] settings) =>
        NodeSettings.From(ConfigurationLoader.Load(null, [.. Enough, .. settings]));

    private static string Refused(string setting) => Assert.Throws<SettingsException>(() => Read(setting)).Message;
}
