using System.Net.Sockets;
using Failover.Bench.SideBySide.Clients;

namespace Failover.Bench.SideBySide.Measures;

/// <summary>
/// Which server a client asks: the one that acknowledged last; when it does not acknowledge, the next. One that did not answer
/// in time is passed over for a while, unless none of them answers.
/// </summary>
internal sealed class Route : IDisposable
{
    private static readonly TimeSpan PassedOverFor = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IStoreClient> _clients;
    private readonly TimeProvider _time;
    private readonly long?[] _silentSince;
    private int _at;
    private int _failedInARow;

    /// <param name="clients">One for each server; disposed with this.</param>
    /// <param name="first">Whom to ask first.</param>
    public Route(IReadOnlyList<IStoreClient> clients, int first, TimeProvider time)
    {
        _clients = clients;
        _time = time;
        _silentSince = new long?[clients.Count];
        _at = first;
    }

    /// <summary>As many attempts failed as there are servers.</summary>
    public bool LapEnds => _failedInARow > 0 && _failedInARow % _clients.Count == 0;

    /// <returns>Under whose rule it was acknowledged; null: it was not, and the next server is next.</returns>
    public async Task<long?> Try(string key, string value, TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        try
        {
            if (await _clients[_at].Write(key, value, limit.Token).ConfigureAwait(false) is { } rule)
            {
                _failedInARow = 0;
                return rule;
            }
        }
        catch (OperationCanceledException)
        {
            _silentSince[_at] = _time.GetTimestamp();
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException or SocketException)
        {
            // Its process is gone, or just being started. HttpClient lets the socket's own exception through when a connection
            // is reset in the moment it was made.
        }

        _failedInARow++;
        _at = Next();
        return null;
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }

    private int Next()
    {
        var others = Enumerable.Range(1, _clients.Count - 1).Select(step => (_at + step) % _clients.Count).ToArray();
        foreach (var server in others)
        {
            if (_silentSince[server] is not { } since || _time.GetElapsedTime(since) > PassedOverFor)
                return server;
        }

        return others.MinBy(server => _silentSince[server]);
    }
}
