using System.Net.Sockets;
using Failover.Bench.SideBySide.Clients;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>A running formation of somebody's: three servers (and what else decides about them) on this machine, in a directory of their own.</summary>
/// <remarks>Disposing it ends every process that it started, by its pid, and removes the directory.</remarks>
/// <param name="stop">Ends whatever is waited for; nothing is started after that.</param>
internal abstract class Contender(CancellationToken stop) : IAsyncDisposable
{
    /// <summary>How long a formation may take to do what it always does, before the run is given up.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    protected CancellationToken Stop => stop;

    /// <summary>How many servers clients can talk to; they are numbered from 0.</summary>
    public abstract int Servers { get; }

    public abstract Task Start();

    public abstract IStoreClient Connect(int server);

    /// <summary>Who takes the writes, once every replica is there, up to date and ready for the loss of one.</summary>
    public abstract Task<int> Leader();

    public abstract int ProcessOf(int server);

    /// <summary>Every process of the formation.</summary>
    public abstract IEnumerable<int> Processes { get; }

    /// <summary>Makes the formation whole after a loss.</summary>
    /// <param name="server">The one that was killed, or frozen and thawed.</param>
    /// <param name="killed">Whether its process is gone.</param>
    public abstract Task Heal(int server, bool killed);

    /// <summary>How many of these keys the one who leads now does not have.</summary>
    /// <param name="lost">Who led before.</param>
    public abstract Task<int> Missing(IReadOnlyCollection<string> keys, int lost);

    /// <summary>What the servers wrote last, for when something went wrong.</summary>
    public abstract string LastWords();

    public abstract ValueTask DisposeAsync();

    /// <summary>Asks again and again until there is an answer.</summary>
    /// <exception cref="TimeoutException">There was none.</exception>
    protected async Task<T> Until<T>(Func<CancellationToken, Task<T?>> ask, string what)
        where T : struct
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            while (true)
            {
                try
                {
                    if (await ask(limit.Token).ConfigureAwait(false) is { } answer)
                        return answer;
                }
                catch (Exception silent) when (silent is IOException or HttpRequestException or SocketException)
                {
                    // Not there yet, or no longer.
                }

                await Task.Delay(LookAgainAfter, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{what}: not so after {Patience.TotalSeconds:0} s");
        }
    }
}
