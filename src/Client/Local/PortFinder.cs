using System.Net;
using System.Net.Sockets;

namespace Failover.Client.Local;

/// <summary>Finds TCP ports on the loopback interface that nobody listens on.</summary>
internal sealed class PortFinder
{
    // Below the range from which kernels serve outgoing connections (32768 on Linux, 49152 elsewhere). A port from that
    // range may be taken by any client connection while its node is down, and the node could not come back to it.
    private const int Lowest = 10_240;
    private const int Highest = 32_768;

    private readonly HashSet<int> _taken = [];

    /// <summary>Keeps <see cref="Free"/> from handing these out.</summary>
    public void Reserve(IEnumerable<int> ports) => _taken.UnionWith(ports);

    /// <summary>A port that is free now and was not handed out before.</summary>
    public int Free()
    {
        for (var tries = 0; tries < 1_000; tries++)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (!_taken.Contains(port) && IsFree(port))
            {
                _taken.Add(port);
                return port;
            }
        }

        throw new CommandException($"no free TCP port between {Lowest} and {Highest} on 127.0.0.1");
    }

    /// <summary>The port from before if it is still free, else another one.</summary>
    public int FreeUnless(int? former) => former is { } port && IsFree(port) && _taken.Add(port) ? port : Free();

    public static bool IsFree(int port)
    {
        // The listening socket itself decides; asking by connecting would miss a bound socket that does not listen yet.
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        finally
        {
            listener.Dispose();
        }
    }
}
