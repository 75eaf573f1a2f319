using System.Collections.Immutable;
using Akka.Actor;

namespace Failover.Node.Pbm;

/// <param name="Paths">Parents before their children.</param>
internal sealed record HierarchyFound(ImmutableArray<string> Paths, bool IsComplete);

/// <summary>
/// Asks actors who they are, level by level. How many children a wildcard reached nobody tells, so the walk ends when
/// no answer has come for a while; an actor that is busy for longer is missing from it. A machine that is busy as a
/// whole must not shorten the list: so the first actor is asked once more, and only a second silence ends the walk.
/// </summary>
internal sealed class HierarchyWalk : ReceiveActor, IWithTimers
{
    public const int MaxActors = 10_000;

    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string _start;
    private readonly int _depth;
    private readonly TaskCompletionSource<HierarchyFound> _done;
    private readonly HashSet<string> _found = [];
    private bool _isConfirmed;

    public HierarchyWalk(string start, int depth, TaskCompletionSource<HierarchyFound> done)
    {
        _start = start;
        _depth = depth;
        _done = done;

        Receive<ActorIdentity>(OnIdentity);
        Receive<ReceiveTimeout>(_ => OnSilence());
        Receive<OutOfPatience>(_ => Finish(isComplete: false));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Marks the question whose answer only says that answers come at all.</summary>
    private sealed record AreYouThere;

    private sealed record OutOfPatience : INotInfluenceReceiveTimeout
    {
        public static readonly OutOfPatience Instance = new();
    }

    protected override void PreStart()
    {
        Timers.StartSingleTimer(nameof(OutOfPatience), OutOfPatience.Instance, Patience);
        Context.SetReceiveTimeout(Quiet);
        Ask(_start, 0);
    }

    protected override void PostStop() => Finish(isComplete: false);

    private static void Ask(string path, object mark) =>
        Context.ActorSelection(path).Tell(new Identify(mark), Context.Self);

    private void OnSilence()
    {
        if (_isConfirmed || _found.Count == 0)
        {
            Finish(isComplete: true);
            return;
        }

        Context.SetReceiveTimeout(null);
        Ask(_start, new AreYouThere());
    }

    private void OnIdentity(ActorIdentity identity)
    {
        _isConfirmed = identity.MessageId is AreYouThere;
        Context.SetReceiveTimeout(Quiet);
        if (_isConfirmed)
            return;
        // Nobody there: a leaf's children, or an actor that has ended meanwhile.
        if (identity.Subject is not { } subject || subject.Equals(Self))
            return;
        var path = "/" + string.Join('/', subject.Path.Elements);
        if (!_found.Add(path))
            return;
        if (_found.Count == MaxActors)
            Finish(isComplete: false);
        else if ((int)identity.MessageId < _depth)
            Ask(path + "/*", (int)identity.MessageId + 1);
    }

    private void Finish(bool isComplete)
    {
        // '/' sorts as the lowest character, or "/user/a-b" would come between "/user/a" and its children.
        var paths = _found.OrderBy(path => path.Replace('/', '\0'), StringComparer.Ordinal);
        _done.TrySetResult(new HierarchyFound([.. paths], isComplete));
    }
}
