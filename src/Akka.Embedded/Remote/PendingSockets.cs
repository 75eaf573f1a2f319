using System.Net.Sockets;

namespace Akka.Remote;

/// <summary>The sockets of those who have not said who they are: so many at most. May be used from any thread.</summary>
/// <remarks>
/// One too many closes the oldest, not the newest: a system introduces itself within a round trip or two, so that a flood
/// of strangers who only wait cannot keep it out.
/// </remarks>
internal sealed class PendingSockets(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Socket> _byAge = [];
    private readonly Dictionary<Socket, LinkedListNode<Socket>> _nodes = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _nodes.Count;
        }
    }

    /// <returns>Whether another one had to be closed for it.</returns>
    public bool Enter(Socket socket)
    {
        Socket? oldest = null;
        lock (_lock)
        {
            if (_nodes.Count >= limit)
            {
                oldest = _byAge.First!.Value;
                Remove(oldest);
            }

            _nodes.Add(socket, _byAge.AddLast(socket));
        }

        oldest?.Dispose();
        return oldest is not null;
    }

    /// <returns>False when it is not there any more: it was closed.</returns>
    public bool Leave(Socket socket)
    {
        lock (_lock)
            return Remove(socket);
    }

    private bool Remove(Socket socket)
    {
        if (!_nodes.Remove(socket, out var node))
            return false;
        _byAge.Remove(node);
        return true;
    }
}
