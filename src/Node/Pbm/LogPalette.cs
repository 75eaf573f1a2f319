using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Failover.Messages;
using LogLevel = Akka.Event.LogLevel;

namespace Failover.Node.Pbm;

/// <summary>The <c>log</c> palette: what this node's actors log, live.</summary>
internal sealed class LogPalette(ActorSystem system)
{
    private long _tails;

    public IEnumerable<PbmCommand> Commands =>
        [
            new("log", "tail", "[debug|info|warning|error]", "what is logged from now on, of that level or above", Tail)
            {
                IsLive = true,
            },
        ];

    private IAsyncEnumerable<string> Tail(ImmutableArray<string> words, CancellationToken cancellation)
    {
        var level = words switch
        {
            [] => LogLevel.InfoLevel,
            [var word] when LogTail.Level(word) is { } named => named,
            [var word] => throw new PbmRefusal($"'{word}' is not a level: debug, info, warning or error"),
            _ => throw new PbmRefusal("one level is enough"),
        };
        var name = $"pbm-log-tail-{Interlocked.Increment(ref _tails)}";
        return LiveLines.From(system, name, lines => ActorProps.From(() => new LogTail(level, lines)), cancellation);
    }
}
