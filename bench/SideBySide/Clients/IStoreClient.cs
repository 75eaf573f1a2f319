namespace Failover.Bench.SideBySide.Clients;

/// <summary>One client's connection to one server of a contender. One request at a time.</summary>
internal interface IStoreClient : IDisposable
{
    /// <summary>Sets a key.</summary>
    /// <returns>
    /// Under whose rule it was acknowledged: a number that is another one after a failover. Null: the server answered
    /// and did not acknowledge.
    /// </returns>
    /// <exception cref="IOException">There was no answer: it may have happened or not.</exception>
    /// <exception cref="HttpRequestException">As well.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">As well.</exception>
    /// <exception cref="OperationCanceledException">As well, in the time that there was.</exception>
    Task<long?> Write(string key, string value, CancellationToken cancellation);
}
