using Failover.Core;
using Failover.Messages.Wire;

namespace Failover.Messages;

/// <summary>The two messages between the application handlers of different nodes.</summary>
internal static class AsideCodec
{
    public static AsidePb ToWire(NodeId from, Epoch epoch) => new() { From = from.Value, Epoch = epoch.Value };

    public static StepAside Asked(AsidePb wire) => new(new(wire.From), new(wire.Epoch));

    public static SteppedAside Done(AsidePb wire) => new(new(wire.From), new(wire.Epoch));
}
