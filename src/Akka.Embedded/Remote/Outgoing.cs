using Akka.Actor;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>A message, serialized, and between whom.</summary>
internal readonly record struct Outgoing(
    RemoteActorRef Recipient,
    IActorRef? Sender,
    object Message,
    int Serializer,
    string Manifest,
    byte[] Bytes
)
{
    /// <summary>The number of the fence that this is; 0 when it is a message.</summary>
    public long Fence { get; private init; }

    /// <summary>What it counts for in the queue, its objects included.</summary>
    public int Size => Bytes.Length + 96;

    /// <summary>Stands behind the messages that were queued before it.</summary>
    public static Outgoing FenceNumber(long number) => new(null!, null, "", 0, "", []) { Fence = number };

    /// <summary>False when it cannot be sent, which has been logged.</summary>
    public static bool TrySerialize(
        Remoting remoting,
        RemoteActorRef recipient,
        object message,
        IActorRef? sender,
        out Outgoing outgoing
    )
    {
        var outer = Serialization.Serialization.EnterTransport(remoting.Transport);
        try
        {
            var serializer = remoting.System.Serialization.FindSerializerFor(message);
            var bytes = serializer.ToBinary(message);
            var manifest = serializer is SerializerWithStringManifest named ? named.Manifest(message) : "";
            outgoing = new Outgoing(recipient, sender, message, serializer.Identifier, manifest, bytes);
            if (bytes.Length <= remoting.Settings.MaximumFrameSize)
                return true;
            remoting.System.Log.Error(
                "Message [{0}] for {1} has {2} bytes, more than akka.remote.dot-netty.tcp.maximum-frame-size allows ({3})",
                message.GetType(),
                recipient,
                bytes.Length,
                remoting.Settings.MaximumFrameSize
            );
            remoting.Drop(recipient, message, sender, "too large");
            return false;
        }
        catch (Exception e)
        {
            // A serializer that fails must not fail whoever sends: the sender may be any actor.
            remoting.System.Log.Error(
                e,
                "Message [{0}] for {1} cannot be serialized: {2}",
                message.GetType(),
                recipient,
                e.Message
            );
            outgoing = default;
            remoting.Drop(recipient, message, sender, "cannot be serialized");
            return false;
        }
        finally
        {
            Serialization.Serialization.LeaveTransport(outer);
        }
    }
}
