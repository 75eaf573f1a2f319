using System.Text;
using Failover.Node.Hosting;
using Microsoft.Extensions.Logging;

namespace Failover.Node.Tests.Hosting;

public sealed class ConsoleLoggersTests
{
    [Fact]
    public void An_entry_is_a_line_with_its_time_level_and_origin()
    {
        var output = new MemoryStream();
        using (var loggers = new ConsoleLoggers(output, new AtNoon()))
        {
            var log = loggers.CreateLogger("Origin");
            log.Log(LogLevel.Information, new EventId(7), "grün", null, (state, _) => state);
            log.Log(LogLevel.Error, default, "failed", new IOException("the disk\nis full"), (state, _) => state);
        }

        Assert.Equal(
            """
            12:00:00.250 info: Origin[7] grün
            12:00:00.250 fail: Origin[0] failed System.IO.IOException: the disk is full

            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(output.ToArray())
        );
    }

    [Fact]
    public void What_is_of_use_to_developers_alone_is_left_out()
    {
        var output = new MemoryStream();
        using (var loggers = new ConsoleLoggers(output, new AtNoon()))
        {
            var log = loggers.CreateLogger("Origin");
            Assert.False(log.IsEnabled(LogLevel.Debug));
            log.Log(LogLevel.Debug, default, "detail", null, (state, _) => state);
        }

        Assert.Empty(output.ToArray());
    }

    [Fact]
    public void Nobody_waits_for_a_reader_that_has_stalled_and_the_reader_learns_what_it_missed()
    {
        using var output = new Stalled();
        using (var loggers = new ConsoleLoggers(output, new AtNoon()))
        {
            var log = loggers.CreateLogger("Origin");
            log.Log(LogLevel.Information, default, "first", null, (state, _) => state);
            output.Reached.Wait();
            for (var i = 1; i <= 2510; i++)
                log.Log(LogLevel.Information, new EventId(i), "more", null, (state, _) => state);
            output.Go.Set();
        }

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        Assert.Equal("12:00:00.250 info: Origin[0] first", lines[0]);
        Assert.Equal("… 10 lines lost: read too slowly", lines[1]);
        Assert.Equal("12:00:00.250 info: Origin[11] more", lines[2]);
        Assert.Equal("12:00:00.250 info: Origin[2510] more", lines[^2]);
    }

    private sealed class AtNoon : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 11, 21, 12, 0, 0, 250, TimeSpan.Zero);
    }

    private sealed class Stalled : MemoryStream
    {
        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Go { get; } = new();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Reached.Set();
            Go.Wait();
            base.Write(buffer);
        }
    }
}
