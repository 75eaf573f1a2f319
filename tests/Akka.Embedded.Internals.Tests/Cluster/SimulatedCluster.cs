using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Detection;
using Akka.Cluster.Gossiping;
using Akka.Cluster.Membership;
using Akka.Cluster.Node;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>
/// Nodes on virtual time and a network that delays, reorders, loses and cuts. One seed, one run: everything random
/// comes from the one generator, so a failing seed replays.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>How often a condition is looked at; looking after every single event would take most of the time.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly Random _random;
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly Dictionary<Address, Process> _processes = [];
    private readonly HashSet<(Address, Address)> _cut = [];
    private long _order;
    private int _nextUid = 1;

    public SimulatedCluster(int seed, int nodes)
    {
        _random = new Random(seed);
        Addresses = [.. Enumerable.Range(1, nodes).Select(i => new Address("akka.tcp", "sim", "127.0.0.1", 4000 + i))];
        Seeds = [.. Addresses.Take(3)];
    }

    public ImmutableArray<Address> Addresses { get; }

    public ImmutableList<Address> Seeds { get; init; }

    public Func<NodeOptions, NodeOptions> Configure { get; init; } = options => options;

    /// <summary>The share of messages that vanish.</summary>
    public double Loss { get; set; }

    public TimeSpan Now { get; private set; }

    public int MessagesSent { get; private set; }

    public List<string> Trace { get; } = [];

    public Moment Moment => new(Now, 1_000_000 + (long)Now.TotalSeconds);

    public IEnumerable<ClusterNode> Running => _processes.Values.Where(p => p.IsRunning).Select(p => p.Node);

    public ClusterNode this[int i] => _processes[Addresses[i]].Node;

    public bool IsRunning(int i) => _processes.TryGetValue(Addresses[i], out var process) && process.IsRunning;

    public void Start(int i)
    {
        var address = Addresses[i];
        if (IsRunning(i))
            return;

        var self = new UniqueAddress(address, _nextUid++);
        var options = Configure(
            new NodeOptions
            {
                Membership = new MembershipOptions { Self = self, Roles = [i % 2 == 0 ? "even" : "odd"] },
                Detection = new DetectionOptions { AcceptableHeartbeatPause = TimeSpan.FromSeconds(2) },
            }
        );
        var process = new Process(new ClusterNode(options, new Random(_random.Next())));
        _processes[address] = process;
        Note($"start {self}");
        Drive(process, (node, effects) => node.JoinSeeds(Seeds, Moment, effects));
    }

    /// <summary>The process is gone between two instructions; what it had sent is still on its way.</summary>
    public void Kill(int i)
    {
        if (!IsRunning(i))
            return;

        Note($"kill {this[i].Self}");
        _processes[Addresses[i]].IsRunning = false;
    }

    public void Leave(int i)
    {
        Note($"leave {this[i].Self}");
        Drive(_processes[Addresses[i]], (node, effects) => node.Leave(Addresses[i], Moment, effects));
    }

    public void Down(int by, int i) =>
        Drive(_processes[Addresses[by]], (node, effects) => node.Down(Addresses[i], Moment, effects));

    public void Cut(int a, int b)
    {
        Note($"cut {Addresses[a].Port} - {Addresses[b].Port}");
        _cut.Add((Addresses[a], Addresses[b]));
        _cut.Add((Addresses[b], Addresses[a]));
    }

    public void Heal()
    {
        Note("heal");
        _cut.Clear();
    }

    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        while (_events.TryPeek(out _, out var next) && next.At <= end)
        {
            Now = next.At;
            _events.Dequeue()();
        }

        Now = end;
    }

    /// <summary>Runs until the condition holds, and fails with the trace when it does not in time.</summary>
    public void RunUntil(Func<SimulatedCluster, bool> condition, TimeSpan atMost, string what)
    {
        var end = Now + atMost;
        while (!condition(this))
        {
            if (Now >= end)
                Assert.Fail($"Not within {atMost}: {what}\n{Describe()}");
            RunFor(Glance);
        }
    }

    public string Describe() =>
        string.Join('\n', Trace.TakeLast(60))
        + "\n"
        + string.Join(
            '\n',
            Running.Select(node =>
                $"{node.Self}: leader {node.View.Leader?.Address.Port}, converged {node.View.IsConverged}, "
                + $"unreachable [{string.Join(",", node.View.Unreachable)}]\n    "
                + string.Join(
                    "\n    ",
                    node.View.Gossip.Members.Values.Select(m =>
                        $"{m} seen {node.View.Gossip.Seen.Contains(m.UniqueAddress)}"
                    )
                )
            )
        );

    /// <summary>Every running node is Up, and all of them know exactly the running ones, agree on the leader and hear each other.</summary>
    public bool AllAgree()
    {
        var running = Running.ToArray();
        var expected = running.Select(node => node.Self).Order().ToArray();
        return running.All(node =>
            node.IsMember
            && node.View.Unreachable.IsEmpty
            && node.View.Gossip.Members.Keys.SequenceEqual(expected)
            && node.View.Gossip.Members.Values.All(member => member.Status == MemberStatus.Up)
            && node.View.Leader!.UniqueAddress.Equals(expected[0])
            && node.View.Gossip.Digest == running[0].View.Gossip.Digest
        );
    }

    private void Drive(Process process, Action<ClusterNode, ICollection<NodeEffect>> step)
    {
        if (!process.IsRunning)
            return;

        var effects = new List<NodeEffect>();
        step(process.Node, effects);
        foreach (var effect in effects)
            Perform(process, effect);
        Rearm(process);
    }

    private void Perform(Process process, NodeEffect effect)
    {
        switch (effect)
        {
            case NodeEffect.Send send:
                Send(process, send.To, send.Message);
                break;
            case NodeEffect.Changed changed:
                OnChanged(process, changed);
                break;
            case NodeEffect.Gone gone:
                Note($"gone {process.Node.Self} {gone.Last}");
                process.IsRunning = false;
                break;
            case NodeEffect.Note note:
                Note($"{process.Node.Self.Address.Port}: {note.Text}");
                break;
        }
    }

    /// <summary>An exiting node has nothing to hand over here and says so at once.</summary>
    private void OnChanged(Process process, NodeEffect.Changed changed)
    {
        var self = process.Node.Self;
        var isExiting =
            changed.After.Members.TryGetValue(self, out var member) && member.Status == MemberStatus.Exiting;
        if (!isExiting || process.HasConfirmed)
            return;

        process.HasConfirmed = true;
        After(TimeSpan.FromMilliseconds(5), () => Drive(process, (node, e) => node.ConfirmExiting(Moment, e)));
    }

    private void Send(Process from, Address to, ClusterMessage message)
    {
        MessagesSent++;
        var delay = TimeSpan.FromMilliseconds(0.2 + _random.NextDouble() * 10);
        if (_random.NextDouble() < Loss || _cut.Contains((from.Node.Self.Address, to)))
            return;

        After(
            delay,
            () =>
            {
                if (_processes.TryGetValue(to, out var process) && process.IsRunning)
                    Drive(process, (node, effects) => node.Receive(OverTheWire(message), Moment, effects));
                else
                    Drive(from, (node, effects) => node.Refused(to, Moment, effects));
            }
        );
    }

    private static ClusterMessage OverTheWire(ClusterMessage message) =>
        message switch
        {
            ClusterMessage.GossipEnvelope envelope => envelope with { Gossip = Copy(envelope.Gossip) },
            ClusterMessage.Welcome welcome => welcome with { Gossip = Copy(welcome.Gossip) },
            _ => message,
        };

    private static Gossip Copy(Gossip gossip) => GossipCodec.FromBytes(GossipCodec.ToBytes(gossip));

    private void Rearm(Process process)
    {
        if (!process.IsRunning || process.Node.NextDeadline is not { } due || process.Armed == due)
            return;

        process.Armed = due;
        After(
            due - Now,
            () =>
            {
                if (process.Armed != due)
                    return;

                process.Armed = null;
                Drive(process, (node, effects) => node.Tick(Moment, effects));
            }
        );
    }

    private void After(TimeSpan delay, Action action) =>
        _events.Enqueue(action, (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), _order++));

    private void Note(string text) => Trace.Add($"{Now.TotalMilliseconds, 9:0.0} {text}");

    private sealed class Process(ClusterNode node)
    {
        public ClusterNode Node { get; } = node;
        public bool IsRunning { get; set; } = true;
        public bool HasConfirmed { get; set; }
        public TimeSpan? Armed { get; set; }
    }
}
