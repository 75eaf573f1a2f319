using Failover.Core;
using Failover.Core.Detection;
using Failover.Messages;

namespace Failover.Node.Lifeline;

/// <summary>A frame came in on a probe connection.</summary>
/// <param name="Reply">Sends a frame back on the same connection; false if it was not sent.</param>
internal sealed record FrameReceived(ProbeFrame Frame, Func<ProbeFrame, bool> Reply);

/// <summary>The connection to a node's probe port changed.</summary>
internal sealed record ProbeChanged(NodeId Node, Incarnation Incarnation, ProbeState State);
