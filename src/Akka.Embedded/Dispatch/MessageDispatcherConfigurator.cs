using Akka.Actor;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>
/// Makes a dispatcher of a kind that the engine does not have. A subclass with a public constructor of these two parameters
/// can be named as <c>type</c> in a dispatcher's configuration.
/// </summary>
/// <param name="config">The dispatcher's own section, with the default dispatcher's behind it.</param>
/// <param name="prerequisites">What a dispatcher may need of its system.</param>
public abstract class MessageDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
{
    public Config Config { get; } = config;

    public IDispatcherPrerequisites Prerequisites { get; } = prerequisites;

    public abstract MessageDispatcher Dispatcher();
}

/// <summary>What a dispatcher may need of its system.</summary>
public interface IDispatcherPrerequisites
{
    Settings Settings { get; }
}

internal sealed class DispatcherPrerequisites(Settings settings) : IDispatcherPrerequisites
{
    public Settings Settings { get; } = settings;
}
