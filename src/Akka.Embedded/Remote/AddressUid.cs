using Akka.Actor;

namespace Akka.Remote;

/// <summary>Tells incarnations of a system under one address apart.</summary>
public class AddressUid : IExtension
{
    /// <summary>Random, never 0.</summary>
    public readonly int Uid = Random.Shared.Next(1, int.MaxValue);
}

/// <summary>Names <see cref="AddressUid"/>.</summary>
public class AddressUidExtension : ExtensionIdProvider<AddressUid>
{
    public override AddressUid CreateExtension(ExtendedActorSystem system) => new();

    public static int Uid(ActorSystem system) => new AddressUidExtension().Get(system).Uid;
}
