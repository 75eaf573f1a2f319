using System.Net;
using System.Net.Sockets;

namespace Failover.MultiNode;

/// <summary>
/// Ports that nodes keep over their restarts. Not the kernel's choice: from the range it chooses from, any outgoing
/// connection of the machine may take one while its node is down.
/// </summary>
internal static class Ports
{
    private const int First = 15_000;
    private const int Last = 31_999;

    private static readonly HashSet<int> Taken = [];
    private static readonly Lock Gate = new();

    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last + 1);
            lock (Gate)
            {
                if (!Taken.Add(port))
                    continue;
            }

            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody else has it: another one, then.
            }
        }
    }
}
