namespace Akka.Cluster.Tools.Client;

/// <summary>Marks what goes between clients and receptionists.</summary>
public interface IClusterClientProtocolMessage;

public sealed partial class ClusterClient
{
    /// <summary>To one of the services registered under a path, whichever node it is on.</summary>
    public sealed class Send : IClusterClientProtocolMessage
    {
        /// <param name="path">Without address, such as "/user/service".</param>
        /// <param name="localAffinity">Rather the one on the receptionist's own node, if it has one.</param>
        public Send(string path, object message, bool localAffinity = false)
        {
            Path = path;
            Message = message;
            LocalAffinity = localAffinity;
        }

        public string Path { get; }

        public object Message { get; }

        public bool LocalAffinity { get; }
    }

    /// <summary>To all services registered under a path, on every node.</summary>
    public sealed class SendToAll : IClusterClientProtocolMessage
    {
        /// <param name="path">Without address, such as "/user/service".</param>
        public SendToAll(string path, object message)
        {
            Path = path;
            Message = message;
        }

        public string Path { get; }

        public object Message { get; }
    }
}
