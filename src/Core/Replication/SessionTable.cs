using System.Collections.Immutable;
using Failover.Core.Store;

namespace Failover.Core.Replication;

/// <summary>
/// The answers that clients may still ask for again. Replicated with the data: it changes only by applying entries,
/// in log order, so every replica's table is the same.
/// </summary>
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
        public long LastUsed;

        /// <summary>Few, and nearly always added at the end and dropped at the front: a tree would allocate for each.</summary>
        public readonly SortedList<long, CommandResult> Answers = [];
    }

    /// <summary>The first answer to a request that was carried out before; null if it was not.</summary>
    public CommandResult? Find(SessionStamp stamp)
    {
        if (!_sessions.TryGetValue(stamp.Client, out var session))
            return null;
        if (session.Answers.TryGetValue(stamp.Request, out var answer))
            return answer;
        return stamp.Request < session.CompletedBelow ? CommandResult.SessionExpired.Instance : null;
    }

    /// <summary>Remembers the answer to a request that the entry at <paramref name="sequence"/> carried out.</summary>
    public void Record(SessionStamp stamp, CommandResult result, long sequence)
    {
        var session = Use(stamp.Client, sequence);
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
                return new SessionRecord(client, session.CompletedBelow, session.LastUsed, [.. session.Answers]);
            }),
        ];

    private Session Use(string client, long sequence)
    {
        if (_sessions.TryGetValue(client, out var session))
        {
            _byLastUse.Remove(session.Place);
            _byLastUse.AddLast(session.Place);
        }
        else
        {
            if (_sessions.Count >= _capacity)
                DropLeastRecent();
            session = new Session(_byLastUse.AddLast(client));
            _sessions.Add(client, session);
        }

        session.LastUsed = sequence;
        return session;
    }

    private void DropLeastRecent()
    {
        _sessions.Remove(_byLastUse.First!.Value);
        _byLastUse.RemoveFirst();
    }
}
