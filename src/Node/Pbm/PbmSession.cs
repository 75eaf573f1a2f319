using System.Collections.Immutable;
using System.Net.Sockets;
using Akka.Event;

namespace Failover.Node.Pbm;

/// <summary>One client's connection: its requests, one after the other, until it leaves.</summary>
internal sealed class PbmSession(Socket socket, PbmOptions options, PbmPalettes palettes, ILoggingAdapter log)
{
    /// <summary>What ends a live answer. Where none is under way it means nothing, so a client need not know which came first.</summary>
    private const string Stop = "stop";

    private readonly PbmWire _wire = new(new NetworkStream(socket, ownsSocket: false), options.WriteTimeout);

    public static string Greeting(string node) => $"failover-pbm/1 {node}";

    /// <summary>Serves the client until it leaves, breaks the rules, stops reading, or <paramref name="closing"/>.</summary>
    public async Task Run(CancellationToken closing)
    {
        try
        {
            await _wire.WriteLine(Greeting(options.Node), closing).ConfigureAwait(false);
            await _wire.Flush(closing).ConfigureAwait(false);
            await Serve(closing).ConfigureAwait(false);
        }
        catch (PbmProtocolException broken)
        {
            await Dismiss(broken.Message, closing).ConfigureAwait(false);
        }
    }

    private async Task Serve(CancellationToken closing)
    {
        Task<string?>? ahead = null;
        while (await (ahead ?? _wire.ReadLine(closing)).ConfigureAwait(false) is { } line)
        {
            ahead = null;
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [] or [Stop])
                continue;
            // No command begins so; an HTTP request does, which a web page could have been made to send.
            if (!words[0].All(c => char.IsAsciiLetterLower(c) || c == '-'))
                throw new PbmProtocolException("this is not a request of pbm; ask for 'palettes'");
            try
            {
                ahead = await Answer(words, closing).ConfigureAwait(false);
            }
            catch (PbmRefusal refusal)
            {
                await _wire.Refuse(refusal.Message, closing).ConfigureAwait(false);
            }
        }
    }

    /// <returns>The next request, if it is being read already.</returns>
    private async Task<Task<string?>?> Answer(string[] words, CancellationToken closing)
    {
        if (words is [PbmPalettes.Listing])
        {
            await Write(palettes.List().ToAsyncEnumerable(), closing).ConfigureAwait(false);
            return null;
        }

        var command = palettes.Find(words);
        var arguments = words.Skip(2).ToImmutableArray();
        if (command.Changes)
            log.Info("pbm: {0} asks: {1}", socket.RemoteEndPoint, string.Join(' ', words));
        if (command.IsLive)
            return await Follow(command, arguments, closing).ConfigureAwait(false);
        await Write(command.Run(arguments, closing), closing).ConfigureAwait(false);
        return null;
    }

    private async Task Write(IAsyncEnumerable<string> lines, CancellationToken closing)
    {
        await foreach (var line in lines.ConfigureAwait(false))
            await _wire.WriteLine(line, closing).ConfigureAwait(false);
        await _wire.Done(closing).ConfigureAwait(false);
    }

    /// <summary>Writes lines as they come, until the client says anything (or nothing more) or the lines end.</summary>
    private async Task<Task<string?>> Follow(
        PbmCommand command,
        ImmutableArray<string> arguments,
        CancellationToken closing
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(closing);
        await using var lines = command.Run(arguments, stop.Token).GetAsyncEnumerator(stop.Token);
        var ahead = _wire.ReadLine(closing);
        while (!ahead.IsCompleted)
        {
            var next = lines.MoveNextAsync().AsTask();
            await Task.WhenAny(next, ahead).ConfigureAwait(false);
            if (!next.IsCompleted)
                await stop.CancelAsync().ConfigureAwait(false);
            try
            {
                if (!await next.ConfigureAwait(false))
                    break;
            }
            catch (OperationCanceledException) when (ahead.IsCompleted)
            {
                break;
            }

            await _wire.WriteLine(lines.Current, closing).ConfigureAwait(false);
            await _wire.Flush(closing).ConfigureAwait(false);
        }

        await _wire.Done(closing).ConfigureAwait(false);
        return ahead;
    }

    /// <summary>Says why the session ends. What the client still sends is read and dropped: closing before would take the answer back.</summary>
    private async Task Dismiss(string reason, CancellationToken closing)
    {
        await _wire.Refuse(reason, closing).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(closing);
        patience.CancelAfter(options.WriteTimeout);
        var dropped = new byte[4096];
        while (await socket.ReceiveAsync(dropped, patience.Token).ConfigureAwait(false) > 0) { }
    }
}
