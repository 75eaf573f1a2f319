namespace Akka.Cluster;

/// <summary>Marks what is sent between the cluster's own actors.</summary>
public interface IClusterMessage;
