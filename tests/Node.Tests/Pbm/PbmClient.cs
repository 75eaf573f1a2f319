using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Failover.Node.Tests.Pbm;

/// <summary>A client that sees every line as it is on the wire. Whatever it waits for must come within its patience.</summary>
internal sealed class PbmClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;

    private PbmClient(TcpClient tcp)
    {
        _tcp = tcp;
        _reader = new StreamReader(tcp.GetStream(), Encoding.UTF8);
    }

    /// <summary>Connects and reads the first line.</summary>
    public static async Task<(PbmClient Client, string? First)> Connect(IPEndPoint to)
    {
        var tcp = new TcpClient { ReceiveBufferSize = 4096 };
        await tcp.ConnectAsync(to);
        var client = new PbmClient(tcp);
        return (client, await client.Line());
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tcp.Dispose();
    }

    public async Task Send(string text) => await Send(Encoding.UTF8.GetBytes(text));

    public async Task Send(byte[] bytes) => await _tcp.GetStream().WriteAsync(bytes);

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Null at the end of the connection, however it ended.</summary>
    public async Task<string?> Line()
    {
        try
        {
            return await _reader.ReadLineAsync().WaitAsync(Patience);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The answer with its terminator, as it comes.</summary>
    public async Task<string[]> Ask(string request)
    {
        await Send(request + "\n");
        return await Answer();
    }

    public async Task<string[]> Answer()
    {
        var lines = new List<string>();
        do
        {
            lines.Add(await Line() ?? throw new EndOfStreamException($"after [{string.Join('|', lines)}]"));
        } while (lines[^1] != "." && !lines[^1].StartsWith(".!", StringComparison.Ordinal));

        return [.. lines];
    }

    /// <summary>The first line that fits; lines before it are skipped.</summary>
    public async Task<string> LineWith(string text)
    {
        while (await Line() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new EndOfStreamException($"no line with '{text}'");
    }
}
