namespace Akka.Remote;

/// <summary>What a connection is for; its number goes over the wire.</summary>
/// <remarks>
/// Two systems keep two connections each way, so that a hundred megabytes of messages to a slow reader hold up neither a
/// death notice nor a heartbeat. Messages keep their order, and an actor's end comes after what it told: a fence behind its
/// messages is passed first, when they may be on their way. Otherwise there is no order between the lanes.
/// </remarks>
internal enum Lane : byte
{
    /// <summary>Watches and ends of watched actors, heartbeats, and what the cluster's nodes say to each other.</summary>
    Control = 1,

    /// <summary>Everything else.</summary>
    Messages = 2,

    /// <summary>Only asks who is there: it ends with the answer.</summary>
    Probe = 3,
}

/// <summary>A message that must not wait behind others: it goes on <see cref="Lane.Control"/>.</summary>
internal interface IControlMessage;
