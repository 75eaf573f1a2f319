using System.Net;
using System.Net.Sockets;

namespace Failover.Bench.SideBySide.Contenders;

/// <summary>Ports that nobody listens on. Servers that cannot choose for themselves are told one.</summary>
internal static class FreePorts
{
    /// <summary>Different ones: they are all taken before the first is given back.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }
}
