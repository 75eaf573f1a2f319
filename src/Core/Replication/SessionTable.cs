using System.Collections.Immutable;
using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>
/// The answers that clients may still ask for again. Replicated with the data: it changes only by applying entries,
/// in log order, so every replica's table is the same.
/// </summary>
/// <remarks>
/// Who is forgotten is not carried out again. A request that was carried out stands behind its
/// <see cref="SessionStamp.Since"/>, and everything that was forgotten stands before the oldest session that is left: a
/// request from before that may be a forgotten one and is refused, one from after it cannot be.
/// </remarks>
internal sealed class SessionTable
{
    private readonly int _capacity;
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>The clients, the least recently used one first.</summary>
    private readonly LinkedList<string> _byLastUse = [];

    public SessionTable(int capacity, ImmutableArray<SessionRecord> recovered)
    {
        _capacity = capacity;
        foreach (var record in recovered.OrderBy(r => r.LastUsed))
        {
            var session = new Session(_byLastUse.AddLast(record.Client))
            {
                CompletedBelow = record.CompletedBelow,
                LastUsed = record.LastUsed,
                Floor = record.Floor,
            };
            foreach (var (request, result) in record.Answers)
                session.Answers.Add(request, result);
            _sessions.Add(record.Client, session);
        }
    }

    private sealed class Session(LinkedListNode<string> place)
    {
        public LinkedListNode<string> Place => place;
        public long CompletedBelow;
        public Position LastUsed;

        /// <summary>What the client asked before this may have been answered by a session that was dropped.</summary>
        public Position Floor;

        /// <summary>Few, and nearly always added at the end and dropped at the front: a tree would allocate for each.</summary>
        public readonly SortedList<long, CommandResult> Answers = [];
    }

    /// <summary>
    /// The first answer to a request that was carried out before, or its refusal if it may have been; null if it was not.
    /// </summary>
    public CommandResult? Find(SessionStamp stamp)
    {
        if (!_sessions.TryGetValue(stamp.Client, out var session))
            return MayBeForgotten(stamp, Forgotten) ? CommandResult.SessionExpired.Instance : null;
        if (session.Answers.TryGetValue(stamp.Request, out var answer))
            return answer;
        return stamp.Request < session.CompletedBelow || MayBeForgotten(stamp, session.Floor)
            ? CommandResult.SessionExpired.Instance
            : null;
    }

    /// <summary>Remembers the answer to a request that the entry at <paramref name="position"/> carried out.</summary>
    public void Record(SessionStamp stamp, CommandResult result, Position position)
    {
        var session = Use(stamp.Client, position);
        session.Answers[stamp.Request] = result;
        if (stamp.CompletedBelow <= session.CompletedBelow)
            return;
        session.CompletedBelow = stamp.CompletedBelow;
        while (session.Answers.Count > 0 && session.Answers.GetKeyAtIndex(0) < session.CompletedBelow)
            session.Answers.RemoveAt(0);
    }

    public ImmutableArray<SessionRecord> Snapshot() =>
        [
            .. _byLastUse.Select(client =>
            {
                var session = _sessions[client];
                return new SessionRecord(
                    client,
                    session.CompletedBelow,
                    session.LastUsed,
                    [.. session.Answers],
                    session.Floor
                );
            }),
        ];

    /// <summary>All that was ever dropped was last used before this: it is older than the oldest one that is left.</summary>
    private Position Forgotten =>
        _sessions.Count < _capacity ? Position.Zero : _sessions[_byLastUse.First!.Value].LastUsed;

    private static bool MayBeForgotten(SessionStamp stamp, Position floor) =>
        stamp.Since < floor && !Mutant.ForgetEviction;

    private Session Use(string client, Position position)
    {
        if (_sessions.TryGetValue(client, out var session))
        {
            _byLastUse.Remove(session.Place);
            _byLastUse.AddLast(session.Place);
        }
        else
        {
            var floor = Forgotten;
            if (_sessions.Count >= _capacity)
                DropLeastRecent();
            session = new Session(_byLastUse.AddLast(client)) { Floor = floor };
            _sessions.Add(client, session);
        }

        session.LastUsed = position;
        return session;
    }

    private void DropLeastRecent()
    {
        _sessions.Remove(_byLastUse.First!.Value);
        _byLastUse.RemoveFirst();
    }
}
