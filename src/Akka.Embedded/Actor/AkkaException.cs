namespace Akka.Actor;

/// <summary>The root of the exceptions that the actor engine itself throws.</summary>
public abstract class AkkaException : Exception
{
    internal AkkaException(string message, Exception? cause = null)
        : base(message, cause) { }
}
