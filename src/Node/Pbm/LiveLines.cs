using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;

namespace Failover.Node.Pbm;

/// <summary>
/// Lines on their way from an actor to one session. Writing never waits: when the session reads too slowly the oldest
/// lines are dropped, and it is told how many. One reader; any thread writes.
/// </summary>
internal sealed class LiveLines
{
    public const int Capacity = 1024;

    private readonly Channel<string> _lines;
    private long _dropped;

    public LiveLines() =>
        _lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped)
        );

    public void Write(string line) => _lines.Writer.TryWrite(line);

    /// <summary>There will be no more.</summary>
    public void Complete() => _lines.Writer.TryComplete();

    public async IAsyncEnumerable<string> ReadAll([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await _lines.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            while (_lines.Reader.TryRead(out var line))
            {
                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var lost)
                    yield return string.Create(CultureInfo.InvariantCulture, $"… {lost} lines lost: read too slowly");
                yield return line;
            }
        }
    }

    /// <summary>Runs an actor that writes lines, for as long as they are read.</summary>
    public static async IAsyncEnumerable<string> From(
        ActorSystem system,
        string name,
        Func<LiveLines, Props> writer,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var lines = new LiveLines();
        var actor = system.ActorOf(writer(lines), name);
        try
        {
            await foreach (var line in lines.ReadAll(cancellation).ConfigureAwait(false))
                yield return line;
        }
        finally
        {
            system.Stop(actor);
        }
    }
}
