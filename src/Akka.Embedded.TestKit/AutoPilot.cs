using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Answers for a test actor as messages arrive; the messages still reach the test.</summary>
public abstract class AutoPilot
{
    /// <summary>As an answer of <see cref="Run"/>: from now on nobody answers.</summary>
    public static NoAutoPilot NoAutoPilot => NoAutoPilot.Instance;

    /// <summary>As an answer of <see cref="Run"/>: this pilot goes on.</summary>
    public static KeepRunning KeepRunning => KeepRunning.Instance;

    /// <returns>The pilot for the next message.</returns>
    public abstract AutoPilot Run(IActorRef sender, object message);
}

public delegate AutoPilot AutoPilotDelegate(IActorRef sender, object message);

public sealed class DelegateAutoPilot(AutoPilotDelegate autoPilotDelegate) : AutoPilot
{
    public override AutoPilot Run(IActorRef sender, object message) => autoPilotDelegate(sender, message);
}

public sealed class NoAutoPilot : AutoPilot
{
    internal static readonly NoAutoPilot Instance = new();

    private NoAutoPilot() { }

    public override AutoPilot Run(IActorRef sender, object message) => this;
}

public sealed class KeepRunning : AutoPilot
{
    internal static readonly KeepRunning Instance = new();

    private KeepRunning() { }

    public override AutoPilot Run(IActorRef sender, object message) =>
        throw new InvalidOperationException("KeepRunning is an answer, not a pilot of its own");
}
