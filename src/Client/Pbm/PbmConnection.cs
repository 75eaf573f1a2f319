using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Failover.Client.Pbm;

/// <summary>One command as the server offers it.</summary>
internal sealed record PbmOffer(string Palette, string Name, string Parameters, string Description);

/// <summary>The server's own line about why it did not do as it was asked.</summary>
internal sealed class PbmRefusedException(string message) : CommandException(message);

/// <summary>A session at a node's inspection port: a request, then the lines of its answer. One request at a time.</summary>
internal sealed class PbmConnection : IDisposable
{
    private const string Protocol = "failover-pbm/1 ";

    /// <summary>How long a node may take to accept, to greet, or to end an answer that was stopped.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;
    private readonly PbmAddress _address;

    private PbmConnection(TcpClient tcp, PbmAddress address)
    {
        _tcp = tcp;
        _address = address;
        _reader = new StreamReader(tcp.GetStream(), Encoding.UTF8);
    }

    /// <summary>The node's own name.</summary>
    public string Node { get; private set; } = "";

    public IPEndPoint Remote => (IPEndPoint)_tcp.Client.RemoteEndPoint!;

    /// <exception cref="CommandException">Nobody there, or somebody else.</exception>
    public static async Task<PbmConnection> OpenAsync(PbmAddress address, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var tcp = new TcpClient { NoDelay = true };
        try
        {
            await tcp.ConnectAsync(address.Host, address.Port, patience.Token);
            var connection = new PbmConnection(tcp, address);
            await connection.BeGreetedAsync(patience.Token);
            return connection;
        }
        catch (SocketException e)
        {
            tcp.Dispose();
            throw new CommandException(
                e.SocketErrorCode == SocketError.ConnectionRefused
                    ? $"nobody listens on {address} (connection refused); a node's pbm port is in its log and in `failover status --json`"
                    : $"cannot connect to {address}: {e.Message}"
            );
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            tcp.Dispose();
            throw new CommandException($"{address} does not answer as a pbm port does");
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tcp.Dispose();
    }

    /// <summary>What the server can do: this program knows no palette itself.</summary>
    public async Task<IReadOnlyList<PbmOffer>> DownloadAsync(CancellationToken cancel)
    {
        var offers = new List<PbmOffer>();
        await AskAsync(
            "palettes",
            line =>
            {
                if (line.Split('\t') is [var palette, var name, var parameters, var description, ..])
                    offers.Add(new PbmOffer(palette, name, parameters, description));
            },
            cancel
        );
        return offers;
    }

    /// <summary>
    /// Sends a request and gives each line of the answer to <paramref name="onLine"/>. Cancelling ends an answer that
    /// would go on; the session can be used after it.
    /// </summary>
    /// <returns>False if the answer was ended by <paramref name="cancel"/>.</returns>
    /// <exception cref="PbmRefusedException">The server refused; the session can be used after it.</exception>
    /// <exception cref="CommandException">The server went away.</exception>
    public async Task<bool> AskAsync(string request, Action<string> onLine, CancellationToken cancel)
    {
        await SendAsync(request);
        using var given = new CancellationTokenSource();
        var answer = ReadAnswerAsync(onLine, cancel, given.Token);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancel.Register(() => stop.TrySetResult()))
            await Task.WhenAny(answer, stop.Task);
        if (answer.IsCompleted)
        {
            await answer;
            return true;
        }

        await SendAsync("stop");
        given.CancelAfter(Patience);
        try
        {
            await answer;
        }
        catch (OperationCanceledException)
        {
            throw Gone();
        }

        return false;
    }

    private async Task ReadAnswerAsync(Action<string> onLine, CancellationToken unwanted, CancellationToken giveUp)
    {
        while (true)
        {
            var line = await ReadLineAsync(giveUp) ?? throw Gone();
            if (line is ".")
                return;
            if (line.StartsWith(".!", StringComparison.Ordinal))
                throw new PbmRefusedException(line[2..].Trim());
            // Lines that were on their way when the user had enough are not shown.
            if (!unwanted.IsCancellationRequested)
                onLine(line.StartsWith('.') ? line[1..] : line);
        }
    }

    private async Task BeGreetedAsync(CancellationToken cancel)
    {
        var greeting = await ReadLineAsync(cancel) ?? throw Gone();
        if (greeting.StartsWith(".!", StringComparison.Ordinal))
            throw new CommandException($"{_address}: {greeting[2..].Trim()}");
        if (!greeting.StartsWith(Protocol, StringComparison.Ordinal))
            throw new CommandException($"{_address} does not answer as a pbm port does");
        Node = greeting[Protocol.Length..];
    }

    private async Task SendAsync(string line)
    {
        try
        {
            await _tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        }
        catch (IOException)
        {
            throw Gone();
        }
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancel)
    {
        try
        {
            return await _reader.ReadLineAsync(cancel);
        }
        catch (IOException)
        {
            throw Gone();
        }
    }

    private CommandException Gone() => new($"{_address} closed the connection");
}
