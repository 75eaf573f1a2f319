using System.Collections.Immutable;
using System.Diagnostics;

namespace Akka.Cluster.Tools.Singleton;

internal abstract record SingletonInput
{
    private SingletonInput() { }

    /// <summary>The members at the beginning, all at once: of one by one, this node could be the oldest so far.</summary>
    public sealed record Began(ImmutableArray<Member> Members) : SingletonInput;

    public sealed record MemberChanged(Member Member) : SingletonInput;

    public sealed record MemberRemoved(UniqueAddress Node, MemberStatus Previous) : SingletonInput;

    /// <summary>The next oldest asks a node to stop its instance and say so.</summary>
    /// <param name="Of">Which incarnation it means: a restarted node answers at the same address.</param>
    public sealed record HandOverAsked(UniqueAddress By, UniqueAddress Of) : SingletonInput;

    public sealed record HandedOver(UniqueAddress By) : SingletonInput;

    public sealed record SingletonStopped : SingletonInput;

    /// <summary>Enough time has passed since a node was removed that could not say goodbye.</summary>
    public sealed record MarginPassed(UniqueAddress Node) : SingletonInput;

    public sealed record RetryDue : SingletonInput;
}

internal abstract record SingletonEffect
{
    private SingletonEffect() { }

    public sealed record Start : SingletonEffect;

    public sealed record Stop : SingletonEffect;

    public sealed record AskForHandOver(UniqueAddress From) : SingletonEffect;

    public sealed record ConfirmHandOver(UniqueAddress To) : SingletonEffect;

    public sealed record AwaitMargin(UniqueAddress Node) : SingletonEffect;

    /// <summary>This node will never host the instance again and does not host it now.</summary>
    public sealed record Finished : SingletonEffect;
}

/// <summary>Decides when this node may host the singleton: when it is the oldest, and every older one has surely stopped.</summary>
/// <remarks>
/// <para>
/// A node counts as older until it is removed from the cluster; being unreachable or even Down does not end its instance, only
/// its removal (and the margin after it) does. An exiting one is asked instead: it stops its instance and confirms. One that
/// its own restart has replaced is dead, and nobody waits for it.
/// </para>
/// <para>Reads no clock; exactly one owner drives an instance.</para>
/// </remarks>
internal sealed class SingletonMachine(UniqueAddress self, Func<Member, bool> hasRole)
{
    private readonly Dictionary<UniqueAddress, Member> _members = [];
    private readonly HashSet<UniqueAddress> _confirmed = [];
    private readonly HashSet<UniqueAddress> _inMargin = [];
    private readonly HashSet<UniqueAddress> _asking = [];
    private bool _isLeaving;
    private bool _isFinished;
    private bool _isStopping;

    public bool IsRunning { get; private set; }

    /// <summary>Whether older ones must be asked again because an answer may have been lost.</summary>
    public bool IsWaiting => !IsRunning && Predecessors().Any();

    public void Step(SingletonInput input, ICollection<SingletonEffect> effects)
    {
        switch (input)
        {
            case SingletonInput.Began began:
                foreach (var member in began.Members.Where(hasRole))
                    _members[member.UniqueAddress] = member;
                AskPredecessors(effects);
                break;
            case SingletonInput.MemberChanged changed:
                OnMemberChanged(changed.Member, effects);
                break;
            case SingletonInput.MemberRemoved removed:
                OnMemberRemoved(removed, effects);
                break;
            case SingletonInput.HandOverAsked asked when !asked.Of.Equals(self):
                return;
            case SingletonInput.HandOverAsked asked:
                _asking.Add(asked.By);
                Leave(effects);
                break;
            case SingletonInput.HandedOver done:
                OnHandedOver(done.By);
                break;
            case SingletonInput.SingletonStopped:
                IsRunning = _isStopping = false;
                break;
            case SingletonInput.MarginPassed passed:
                _inMargin.Remove(passed.Node);
                break;
            case SingletonInput.RetryDue:
                AskPredecessors(effects);
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        StartIfItMay(effects);
        FinishIfDone(effects);
    }

    private void OnMemberChanged(Member member, ICollection<SingletonEffect> effects)
    {
        if (!hasRole(member))
            return;

        _members[member.UniqueAddress] = member;
        var isSelf = member.UniqueAddress.Equals(self);
        if (isSelf && member.Status is MemberStatus.Exiting or MemberStatus.Down)
            Leave(effects);
        else
            AskPredecessors(effects);
    }

    private void OnMemberRemoved(SingletonInput.MemberRemoved removed, ICollection<SingletonEffect> effects)
    {
        if (!_members.Remove(removed.Node, out var member))
            return;

        if (removed.Node.Equals(self))
        {
            Leave(effects);
            return;
        }

        // It went without a word: it may live on, cut off, until it learns what was decided about it.
        var saidNothing = !_confirmed.Remove(removed.Node);
        var mayLive = removed.Previous is MemberStatus.Down or MemberStatus.Exiting;
        if (saidNothing && mayLive && IsOlder(member))
        {
            _inMargin.Add(removed.Node);
            effects.Add(new SingletonEffect.AwaitMargin(removed.Node));
        }

        AskPredecessors(effects);
    }

    /// <summary>Its word may come after the news of its removal, which went another way.</summary>
    private void OnHandedOver(UniqueAddress by)
    {
        _inMargin.Remove(by);
        if (_members.ContainsKey(by))
            _confirmed.Add(by);
    }

    private void Leave(ICollection<SingletonEffect> effects)
    {
        _isLeaving = true;
        if (!IsRunning || _isStopping)
            return;

        _isStopping = true;
        effects.Add(new SingletonEffect.Stop());
    }

    private void AskPredecessors(ICollection<SingletonEffect> effects)
    {
        if (!IsNextOldest())
            return;

        foreach (var node in Predecessors())
            effects.Add(new SingletonEffect.AskForHandOver(node));
    }

    private void StartIfItMay(ICollection<SingletonEffect> effects)
    {
        if (IsRunning || !IsNextOldest() || Predecessors().Any() || _inMargin.Count > 0)
            return;

        IsRunning = true;
        effects.Add(new SingletonEffect.Start());
    }

    private void FinishIfDone(ICollection<SingletonEffect> effects)
    {
        if (!_isLeaving || IsRunning)
            return;

        foreach (var node in _isFinished ? _asking : _asking.Union(Heirs()))
            effects.Add(new SingletonEffect.ConfirmHandOver(node));
        _asking.Clear();
        if (_isFinished)
            return;

        _isFinished = true;
        effects.Add(new SingletonEffect.Finished());
    }

    /// <summary>
    /// Everybody who may come next is told without being asked: once this node says that it is done exiting it is removed, and
    /// then nobody would answer.
    /// </summary>
    private IEnumerable<UniqueAddress> Heirs() =>
        _members
            .Values.Where(m => !m.UniqueAddress.Equals(self) && m.Status.Rank < MemberStatus.Exiting.Rank)
            .Select(m => m.UniqueAddress)
            .Order();

    /// <summary>Whether everybody older is on the way out; then it is this node's turn once they are done.</summary>
    private bool IsNextOldest() =>
        !_isLeaving
        && _members.TryGetValue(self, out var me)
        && me.Status.HasVote
        && _members.Values.All(member => !IsOlder(member) || member.Status == MemberStatus.Exiting);

    /// <summary>Older ones that exit and have not confirmed yet that their instance is gone.</summary>
    private IEnumerable<UniqueAddress> Predecessors() =>
        _members
            .Values.Where(member => IsOlder(member) && !_confirmed.Contains(member.UniqueAddress))
            .Select(member => member.UniqueAddress);

    private bool IsOlder(Member member) =>
        !member.UniqueAddress.Equals(self)
        && member.UpNumber != int.MaxValue
        && _members.TryGetValue(self, out var me)
        && member.IsOlderThan(me);
}
