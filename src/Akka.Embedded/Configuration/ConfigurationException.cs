using Akka.Actor;

namespace Akka.Configuration;

/// <summary>A configuration that cannot be read, or a setting whose value does not mean what was asked of it.</summary>
public class ConfigurationException : AkkaException
{
    internal ConfigurationException(string message)
        : base(message) { }

    internal ConfigurationException(string message, Exception? exception)
        : base(message, exception) { }
}
