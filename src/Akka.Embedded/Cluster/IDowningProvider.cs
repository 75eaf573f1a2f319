using Akka.Actor;

namespace Akka.Cluster;

/// <summary>Decides what becomes of unreachable members. Its class has a constructor of (ActorSystem, Cluster).</summary>
public interface IDowningProvider
{
    /// <summary>How long others wait after a downed member's removal before they take over its work.</summary>
    TimeSpan DownRemovalMargin { get; }

    /// <summary>The actor that decides; null when there is none, or when the engine decides itself.</summary>
    Props DowningActorProps { get; }
}

/// <summary>Nobody is downed automatically.</summary>
public sealed class NoDowning : IDowningProvider
{
    public NoDowning(ActorSystem system, Cluster cluster) { }

    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    public Props DowningActorProps => null!;
}
