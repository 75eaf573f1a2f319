using System.Collections.Immutable;
using Akka.Event;

namespace Akka.Cluster.Tools.Client;

/// <summary>What clients and receptionists, and receptionists among themselves, say to each other.</summary>
/// <remarks>Each is repeated or made up for later, so none that is lost is worth a dead letter.</remarks>
internal abstract record ClientProtocol : IClusterClientProtocolMessage, IDeadLetterSuppression
{
    private ClientProtocol() { }

    /// <summary>Where are receptionists?</summary>
    public sealed record GetContacts : ClientProtocol;

    public sealed record Contacts(ImmutableArray<string> Paths) : ClientProtocol;

    public sealed record Heartbeat : ClientProtocol;

    public sealed record HeartbeatResponse : ClientProtocol;

    /// <summary>The receptionist stops: look for another one.</summary>
    public sealed record ReceptionistShutdown : ClientProtocol;

    /// <summary>All that is registered on one node.</summary>
    /// <param name="Version">Counts that node's registrations and their ends, so that the newest list wins.</param>
    /// <param name="WantsAnswer">The sender does not know the receiver's list.</param>
    public sealed record Services(UniqueAddress From, long Version, ImmutableArray<string> Paths, bool WantsAnswer)
        : ClientProtocol;
}
