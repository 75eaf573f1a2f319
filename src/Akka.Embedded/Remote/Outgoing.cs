using Akka.Actor;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>A message and its bytes, and between whom.</summary>
/// <param name="Recipient">For whom it is.</param>
/// <param name="Sender">Who sends it, if anybody.</param>
/// <param name="Message">What is sent.</param>
/// <param name="Serializer">What its bytes are made and read with.</param>
/// <param name="Manifest">For who reads them.</param>
/// <param name="Bytes">Null when <paramref name="Serializer"/> writes them directly to where they go.</param>
/// <param name="Length">How many bytes there are or will be.</param>
internal readonly record struct Outgoing(
    RemoteActorRef Recipient,
    IActorRef? Sender,
    object Message,
    Serializer Serializer,
    string Manifest,
    byte[]? Bytes,
    int Length
)
{
    /// <summary>The number of the fence that this is; 0 when it is a message.</summary>
    public long Fence { get; private init; }

    /// <summary>What it counts for in the queue, its objects included.</summary>
    public int Size => Length + 96;

    /// <summary>Stands behind the messages that were queued before it.</summary>
    public static Outgoing FenceNumber(long number) => new(null!, null, "", null!, "", null, 0) { Fence = number };

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
            var direct = serializer as DirectSerializer;
            var bytes = direct is null ? serializer.ToBinary(message) : null;
            var length = bytes?.Length ?? direct!.Measure(message);
            var manifest = serializer is SerializerWithStringManifest named ? named.Manifest(message) : "";
            outgoing = new Outgoing(recipient, sender, message, serializer, manifest, bytes, length);
            if (length <= remoting.Settings.MaximumFrameSize)
                return true;
            remoting.System.Log.Error(
                "Message [{0}] for {1} has {2} bytes, more than akka.remote.dot-netty.tcp.maximum-frame-size allows ({3})",
                message.GetType(),
                recipient,
                length,
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
