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
internal sealed partial class SimulatedCluster
{
    /// <summary>How often a condition is looked at; looking after every single event would take most of the time.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly Random _random;
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly Dictionary<Address, SimulatedProcess> _processes = [];
    private readonly List<SimulatedProcess> _stopping = [];
    private long _order;
    private int _nextUid = 1;

    /// <param name="seeds">How many of the nodes are seeds.</param>
    public SimulatedCluster(int seed, int nodes, int seeds = 3)
    {
        _random = new Random(seed);
        Network = new SimulatedNetwork(_random);
        Addresses = [.. Enumerable.Range(1, nodes).Select(i => new Address("akka.tcp", "sim", "127.0.0.1", 4000 + i))];
        Seeds = [.. Addresses.Take(seeds)];
    }

    public SimulatedNetwork Network { get; }

    public ImmutableArray<Address> Addresses { get; }

    public ImmutableList<Address> Seeds { get; }

    public Func<NodeOptions, NodeOptions> Configure { get; init; } = options => options;

    /// <summary>Called after every step that changed what a node holds.</summary>
    public Action<ClusterView, ClusterView>? OnChange { get; set; }

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
        var process = new SimulatedProcess(new ClusterNode(options, new Random(_random.Next())));
        _processes[address] = process;
        Note($"start {self.Address.Port}#{self.Uid}");
        StartManager(process);
        Drive(process, (node, effects) => node.JoinSeeds(Seeds, Moment, effects));
    }

    /// <summary>The process is gone between two instructions; what it had sent is still on its way.</summary>
    public void Kill(int i)
    {
        if (!IsRunning(i))
            return;

        Note($"kill {Addresses[i].Port}");
        _processes[Addresses[i]].IsRunning = false;
        _processes[Addresses[i]].HostsSingleton = false;
    }

    public void Leave(int i)
    {
        Note($"leave {Addresses[i].Port}");
        Drive(_processes[Addresses[i]], (node, effects) => node.Leave(Addresses[i], Moment, effects));
    }

    public void Down(int by, int i)
    {
        Note($"{Addresses[by].Port} downs {Addresses[i].Port}");
        Drive(_processes[Addresses[by]], (node, effects) => node.Down(Addresses[i], Moment, effects));
    }

    public void Cut(int a, int b)
    {
        Note($"cut {Addresses[a].Port} - {Addresses[b].Port}");
        Network.Cut(Addresses[a], Addresses[b]);
    }

    public void CutOneWay(int from, int to)
    {
        Note($"cut {Addresses[from].Port} -> {Addresses[to].Port}");
        Network.CutOneWay(Addresses[from], Addresses[to]);
    }

    public void Heal()
    {
        Note("heal");
        Network.Heal();
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

    /// <returns>Whether the condition came to hold in time.</returns>
    public bool TryRunUntil(Func<SimulatedCluster, bool> condition, TimeSpan atMost)
    {
        var end = Now + atMost;
        while (!condition(this))
        {
            if (Now >= end)
                return false;
            RunFor(Glance);
        }

        return true;
    }

    /// <summary>Runs until the condition holds, and fails with the trace when it does not in time.</summary>
    public void RunUntil(Func<SimulatedCluster, bool> condition, TimeSpan atMost, string what)
    {
        if (!TryRunUntil(condition, atMost))
            Assert.Fail($"Not within {atMost}: {what}\n{Describe()}");
    }

    public string Describe() =>
        string.Join('\n', Trace.TakeLast(120))
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

    public void Note(string text) => Trace.Add($"{Now.TotalMilliseconds, 9:0.0} {text}");

    private void Drive(SimulatedProcess process, Action<ClusterNode, ICollection<NodeEffect>> step)
    {
        if (!process.IsRunning)
            return;

        var effects = new List<NodeEffect>();
        step(process.Node, effects);
        foreach (var effect in effects)
            Perform(process, effect);
        Rearm(process);
    }

    private void Perform(SimulatedProcess process, NodeEffect effect)
    {
        var self = process.Node.Self;
        switch (effect)
        {
            case NodeEffect.Send send:
                MessagesSent++;
                Post(process, send.To, to => Receive(to, send.Message));
                break;
            case NodeEffect.Changed changed:
                OnChanged(process, new ClusterView(changed.Before, self), new ClusterView(changed.After, self));
                break;
            case NodeEffect.Gone gone:
                Note($"gone {self.Address.Port}#{self.Uid} {gone.Last}");
                process.IsRunning = false;
                StopWith(process);
                break;
            case NodeEffect.Note note:
                Note($"{self.Address.Port}: {note.Text}");
                break;
        }
    }

    private void OnChanged(SimulatedProcess process, ClusterView before, ClusterView after)
    {
        OnChange?.Invoke(before, after);
        var changes = ClusterChanges.Between(before, after).OfType<ClusterEvent.IMemberEvent>().ToArray();
        foreach (var change in changes)
            Note(
                $"{process.Node.Self.Address.Port} sees {change.Member.Address.Port}#{change.Member.UniqueAddress.Uid} {change.Member.Status}"
            );
        TellManager(process, changes);

        if (after.Gossip.Members.TryGetValue(process.Node.Self, out var self) && self.Status == MemberStatus.Exiting)
            Exit(process);
    }

    private void Receive(SimulatedProcess process, ClusterMessage message) =>
        Drive(process, (node, effects) => node.Receive(OverTheWire(message), Moment, effects));

    private void Post(SimulatedProcess from, Address to, Action<SimulatedProcess> deliver)
    {
        foreach (var delay in Network.Deliveries(from.Node.Self.Address, to))
            After(
                delay,
                () =>
                {
                    if (_processes.TryGetValue(to, out var process) && process.IsRunning)
                        deliver(process);
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

    private void Rearm(SimulatedProcess process)
    {
        if (!process.IsRunning || process.Node.NextDeadline is not { } due || process.ArmedFor == due)
            return;

        process.ArmedFor = due;
        After(
            due - Now,
            () =>
            {
                if (process.ArmedFor != due)
                    return;

                process.ArmedFor = null;
                Drive(process, (node, effects) => node.Tick(Moment, effects));
            }
        );
    }

    private void After(TimeSpan delay, Action action) =>
        _events.Enqueue(action, (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), _order++));
}
