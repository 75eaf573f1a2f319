using Akka.Actor;

namespace Akka.TestKit;

/// <summary>
/// Makes a test actor the sender of what its test tells without naming one, also after an <c>await</c> has moved the
/// test to another thread.
/// </summary>
internal sealed class ImplicitSender(ActorCell cell, SynchronizationContext? outer) : SynchronizationContext
{
    /// <summary>Takes over the calling thread, on which the test is about to run.</summary>
    public static void Install(ActorCell cell)
    {
        // A test kit made by another one's test replaces it rather than wrapping it, or the contexts would pile up.
        var outer = Current is ImplicitSender previous ? previous.Outer : Current;
        ActorCell.Current = cell;
        SetSynchronizationContext(new ImplicitSender(cell, outer));
    }

    private SynchronizationContext? Outer { get; } = outer;

    /// <summary>Gives the calling thread back, for other tests will run on it.</summary>
    public static void Remove(ActorCell cell)
    {
        if (ActorCell.Current == cell)
            ActorCell.Current = null;
        if (Current is ImplicitSender installed)
            SetSynchronizationContext(installed.Outer);
    }

    public override SynchronizationContext CreateCopy() => this;

    public override void Send(SendOrPostCallback d, object? state) => Run(d, state);

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Outer is not null)
            Outer.Post(_ => Run(d, state), null);
        else
            ThreadPool.QueueUserWorkItem(_ => Run(d, state), null);
    }

    private void Run(SendOrPostCallback d, object? state)
    {
        var previousCell = ActorCell.Current;
        var previousContext = Current;
        ActorCell.Current = cell;
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            SetSynchronizationContext(previousContext);
            ActorCell.Current = previousCell;
        }
    }
}
