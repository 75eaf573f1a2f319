using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Failover.Client.Tests.Pbm;

/// <summary>A node's inspection port that answers what the test tells it to, and remembers what it was asked.</summary>
internal sealed class FakePbm : IAsyncDisposable
{
    public const string Greeting = "failover-pbm/1 app1\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly string _greeting;
    private readonly Func<string, string?> _answer;
    private readonly Task _serving;

    /// <param name="answer">The whole answer, terminator and all; null closes the connection.</param>
    public FakePbm(Func<string, string?> answer, string greeting = Greeting)
    {
        _answer = answer;
        _greeting = greeting;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>An address at which nobody listens.</summary>
    public static async Task<string> GoneAsync()
    {
        await using var server = new FakePbm(_ => null);
        return server.Address;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        try
        {
            await _serving;
        }
        catch (OperationCanceledException)
        {
            // How it is told to end.
        }

        _listener.Stop();
        _closing.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var tcp = await _listener.AcceptTcpClientAsync(_closing.Token);
            try
            {
                await ServeAsync(tcp);
            }
            catch (IOException)
            {
                // The client went without reading all: it may.
            }
        }
    }

    private async Task ServeAsync(TcpClient tcp)
    {
        using var reader = new StreamReader(tcp.GetStream(), Encoding.UTF8);
        await WriteAsync(tcp, _greeting);
        while (await reader.ReadLineAsync(_closing.Token) is { } request)
        {
            _requests.Enqueue(request);
            if (_answer(request) is not { } answer)
                break;
            await WriteAsync(tcp, answer);
        }
    }

    private async Task WriteAsync(TcpClient tcp, string text) =>
        await tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), _closing.Token);
}
