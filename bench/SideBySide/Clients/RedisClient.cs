using System.Globalization;

namespace Failover.Bench.SideBySide.Clients;

/// <summary>Writes with SET; with WAIT in the same packet when a replica is to have it, too.</summary>
/// <param name="port">Of the server; also what names its rule.</param>
/// <param name="waits">For one replica, before a write counts as acknowledged.</param>
internal sealed class RedisClient(int port, bool waits) : IStoreClient
{
    private static readonly byte[] Wait = Resp.Command(
        "WAIT",
        "1",
        ((int)WaitsAtMost.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
    );

    private readonly RespConnection _connection = new(port);

    /// <summary>Less than the time of an attempt, so that the server's answer is what ends it.</summary>
    private static TimeSpan WaitsAtMost => TimeSpan.FromMilliseconds(80);

    public async Task<long?> Write(string key, string value, CancellationToken cancellation)
    {
        var set = Resp.Command("SET", key, value);
        if (!waits)
        {
            var answers = await _connection.Send(set, 1, cancellation).ConfigureAwait(false);
            return answers is [RespReply.Text] ? port : null;
        }

        var both = await _connection.Send((byte[])[.. set, .. Wait], 2, cancellation).ConfigureAwait(false);
        return both is [RespReply.Text, RespReply.Number { Value: > 0 }] ? port : null;
    }

    public void Dispose() => _connection.Dispose();
}
