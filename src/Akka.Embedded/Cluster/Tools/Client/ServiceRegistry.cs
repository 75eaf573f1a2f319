using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Tools.Client;

/// <summary>Which services are registered on which node: the own ones, and what other nodes last said of theirs.</summary>
/// <remarks>Owned by the receptionist.</remarks>
internal sealed class ServiceRegistry
{
    private readonly Dictionary<string, IActorRef> _own = [];
    private readonly Dictionary<UniqueAddress, (long Version, ImmutableHashSet<string> Paths)> _others = [];

    /// <summary>Counts the changes of the own services.</summary>
    public long Version { get; private set; }

    public ImmutableArray<string> Own => [.. _own.Keys.Order(StringComparer.Ordinal)];

    public void Register(IActorRef service)
    {
        _own[PathOf(service)] = service;
        Version++;
    }

    /// <returns>Whether it was registered.</returns>
    public bool Unregister(IActorRef service)
    {
        // Another actor may have taken the path since.
        var path = PathOf(service);
        if (!_own.TryGetValue(path, out var registered) || !registered.Equals(service))
            return false;

        _own.Remove(path);
        Version++;
        return true;
    }

    /// <summary>Keeps the newest list of each node, in whatever order they come.</summary>
    public void Learn(UniqueAddress node, long version, IEnumerable<string> paths)
    {
        if (!_others.TryGetValue(node, out var known) || known.Version < version)
            _others[node] = (version, [.. paths]);
    }

    public void Forget(UniqueAddress node) => _others.Remove(node);

    public IActorRef? OwnAt(string path) => _own.GetValueOrDefault(path);

    /// <summary>The other nodes that have a service at <paramref name="path"/>.</summary>
    public IEnumerable<UniqueAddress> OthersWith(string path) =>
        _others.Where(other => other.Value.Paths.Contains(path)).Select(other => other.Key);

    private static string PathOf(IActorRef service) => service.Path.ToStringWithoutAddress();
}
