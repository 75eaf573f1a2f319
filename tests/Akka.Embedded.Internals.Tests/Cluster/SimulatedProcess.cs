using Akka.Cluster.Node;
using Akka.Cluster.Tools.Singleton;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>One process of a simulated cluster: a node, and the manager of a singleton beside it.</summary>
internal sealed class SimulatedProcess(ClusterNode node)
{
    public ClusterNode Node { get; } = node;

    public SingletonMachine Singleton { get; } = new(node.Self, _ => true);

    public bool IsRunning { get; set; } = true;

    /// <summary>The singleton's manager comes to life some time after its process.</summary>
    public bool HasManager { get; set; }

    /// <summary>Whether an instance of the singleton lives here, perhaps on its way out.</summary>
    public bool HostsSingleton { get; set; }

    /// <summary>The manager hosts no instance and never will again.</summary>
    public bool HasFinished { get; set; }

    public bool IsExiting { get; set; }

    public bool HasConfirmedExiting { get; set; }

    public TimeSpan? ArmedFor { get; set; }

    public int Retry { get; set; }
}
