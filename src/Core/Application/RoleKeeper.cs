using System.Collections.Immutable;
using System.Diagnostics;

namespace Failover.Core.Application;

public enum ApplicationRole
{
    Standby,
    Primary,
}

/// <summary>What a node's application should be.</summary>
/// <param name="Epoch">Of the view that says so: the application's fencing token.</param>
/// <param name="Primary">Whom it should follow, or itself; null while nobody leads.</param>
public sealed record RoleWish(ApplicationRole Role, Epoch Epoch, NodeId? Primary);

/// <param name="Timeout">How long a new primary waits for the others to make theirs a standby.</param>
/// <param name="Repeat">From the end of a run to the next one for the same role, and to the next attempt after a failure.</param>
public sealed record RoleKeeperOptions(TimeSpan Timeout, TimeSpan Repeat);

public abstract record RoleKeeperInput
{
    private RoleKeeperInput() { }

    /// <summary>How things are now. Comes with every change, and every so often without one: it is the clock, too.</summary>
    /// <param name="Others">Nodes that may hold an application of their own, but for those whose process is known to be gone.</param>
    public sealed record Looked(RoleWish Wish, ImmutableArray<NodeId> Others) : RoleKeeperInput;

    /// <summary>Another node wants to be primary in this epoch, once this one's application is not.</summary>
    public sealed record Asked(NodeId By, Epoch Epoch) : RoleKeeperInput;

    /// <summary>Another node's application is no primary, and becomes none in this epoch or an older one.</summary>
    public sealed record SteppedAside(NodeId Node, Epoch Epoch) : RoleKeeperInput;

    /// <param name="Failure">What went wrong; null if the application is now what it was told to be.</param>
    public sealed record RunEnded(string? Failure) : RoleKeeperInput;
}

public abstract record RoleKeeperEffect
{
    private RoleKeeperEffect() { }

    /// <summary>Make the application so. <see cref="RoleKeeperInput.RunEnded"/> must follow.</summary>
    public sealed record Run(RoleWish Wish) : RoleKeeperEffect;

    /// <summary>The run under way has lost its reason: end it. Its <see cref="RoleKeeperInput.RunEnded"/> still comes.</summary>
    public sealed record Abort : RoleKeeperEffect;

    public sealed record AskToStepAside(NodeId Node, Epoch Epoch) : RoleKeeperEffect;

    public sealed record StepAside(NodeId For, Epoch Epoch) : RoleKeeperEffect;

    /// <summary>These did not answer in time. The application becomes primary all the same.</summary>
    public sealed record WaitsNoLonger(ImmutableArray<NodeId> For) : RoleKeeperEffect;
}

/// <summary>
/// Keeps an application in its node's role by calling its handler: once for each change, and again and again after that. One run at a time; the newest wish wins. A primary is
/// made only after every other living node has said that its application is none.
/// </summary>
/// <remarks>Pure; exactly one owner drives it and carries the effects out in their order.</remarks>
public sealed class RoleKeeper(RoleKeeperOptions options)
{
    private readonly Dictionary<NodeId, Epoch> _askers = [];
    private readonly HashSet<NodeId> _aside = [];
    private RoleWish? _wish;
    private ImmutableArray<NodeId> _others = [];
    private RoleWish? _running;
    private bool _aborted;
    private RoleWish? _tried;
    private Instant _again;
    private Epoch _yieldedTo = Epoch.None;
    private Epoch? _asking;
    private Instant _askedSince;
    private bool _isClear;

    /// <summary>What the application is, as far as its handler said; null while it changes, or after a failure.</summary>
    public RoleWish? Is { get; private set; }

    public void Step(RoleKeeperInput input, Instant now, List<RoleKeeperEffect> effects)
    {
        switch (input)
        {
            case RoleKeeperInput.Looked looked:
                (_wish, _others) = (looked.Wish, looked.Others);
                break;
            case RoleKeeperInput.Asked asked:
                _askers[asked.By] = asked.Epoch;
                break;
            case RoleKeeperInput.SteppedAside aside when aside.Epoch == _asking:
                _aside.Add(aside.Node);
                break;
            case RoleKeeperInput.SteppedAside:
                break;
            case RoleKeeperInput.RunEnded ended:
                OnRunEnded(ended.Failure, now);
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        if (_wish is { } wish)
            Advance(wish, now, effects, mayAsk: input is RoleKeeperInput.Looked);
    }

    private void OnRunEnded(string? failure, Instant now)
    {
        Is = failure is null && !_aborted ? _running : null;
        // What was broken off says nothing about the next attempt.
        _again = _aborted ? now : now + options.Repeat;
        (_running, _aborted) = (null, false);
    }

    private void Advance(RoleWish wish, Instant now, List<RoleKeeperEffect> effects, bool mayAsk)
    {
        if (wish.Role != ApplicationRole.Primary)
            _asking = null;
        if (Is is { Role: ApplicationRole.Standby } && wish.Role == ApplicationRole.Standby)
            AnswerAskers(effects);
        if (_running is { } running)
        {
            if (running.Role == ApplicationRole.Primary && wish.Role != ApplicationRole.Primary && !_aborted)
            {
                _aborted = true;
                effects.Add(new RoleKeeperEffect.Abort());
            }

            return;
        }

        var isDue = wish != _tried || now >= _again;
        if (isDue && (wish.Role == ApplicationRole.Standby || MayLead(wish, now, effects, mayAsk)))
            Run(wish, effects);
    }

    private void Run(RoleWish wish, List<RoleKeeperEffect> effects)
    {
        // A repetition changes nothing while all is well. Anything else leaves it open what the application is.
        if (Is != wish)
            Is = null;
        (_running, _tried) = (wish, wish);
        effects.Add(new RoleKeeperEffect.Run(wish));
    }

    private void AnswerAskers(List<RoleKeeperEffect> effects)
    {
        foreach (var (asker, epoch) in _askers)
        {
            if (epoch > _yieldedTo)
                _yieldedTo = epoch;
            effects.Add(new RoleKeeperEffect.StepAside(asker, epoch));
        }

        _askers.Clear();
    }

    private bool MayLead(RoleWish wish, Instant now, List<RoleKeeperEffect> effects, bool mayAsk)
    {
        if (wish.Epoch <= _yieldedTo)
            return false;
        if (_asking != wish.Epoch)
        {
            (_asking, _askedSince, _isClear) = (wish.Epoch, now, false);
            _aside.Clear();
        }

        if (_isClear)
            return true;
        var awaited = _others.RemoveAll(_aside.Contains);
        if (!awaited.IsEmpty && now - _askedSince < options.Timeout)
        {
            if (mayAsk)
                effects.AddRange(awaited.Select(node => new RoleKeeperEffect.AskToStepAside(node, wish.Epoch)));
            return false;
        }

        if (!awaited.IsEmpty)
            effects.Add(new RoleKeeperEffect.WaitsNoLonger(awaited));
        return _isClear = true;
    }
}
