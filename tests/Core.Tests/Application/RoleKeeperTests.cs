using System.Collections.Immutable;
using Failover.Core.Application;

namespace Failover.Core.Tests.Application;

public sealed class RoleKeeperTests
{
    private static readonly NodeId A = new("a");
    private static readonly NodeId B = new("b");
    private static readonly NodeId C = new("c");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(2);

    private readonly RoleKeeper _keeper = new(new RoleKeeperOptions(Timeout, Repeat));
    private Instant _now = Instant.Zero;

    [Fact]
    public void A_node_that_starts_makes_its_application_a_standby_of_nobody_first()
    {
        var standby = Standby(0, null);

        Assert.Equal([new RoleKeeperEffect.Run(standby)], Looked(standby));
        Assert.Null(_keeper.Is);

        Assert.Empty(Ended());
        Assert.Equal(standby, _keeper.Is);
    }

    [Fact]
    public void The_handler_is_called_again_for_the_same_role_when_it_is_time()
    {
        var standby = Standby(1, B);
        Becomes(standby);

        Assert.Empty(Looked(standby));
        Later(Repeat);
        Assert.Equal([new RoleKeeperEffect.Run(standby)], Looked(standby));
        // All is well until the handler says otherwise.
        Assert.Equal(standby, _keeper.Is);
        Ended("exit 1");
        Assert.Null(_keeper.Is);
    }

    [Fact]
    public void A_failed_run_is_tried_again_when_it_is_time()
    {
        var standby = Standby(1, B);
        Looked(standby);
        Assert.Empty(Ended("exit 1"));

        Assert.Empty(Looked(standby));
        Later(Repeat);
        Assert.Equal([new RoleKeeperEffect.Run(standby)], Looked(standby));
    }

    [Fact]
    public void A_standby_follows_a_new_primary_at_once()
    {
        Becomes(Standby(1, B));

        Assert.Equal([new RoleKeeperEffect.Run(Standby(2, C))], Looked(Standby(2, C)));
    }

    [Fact]
    public void A_primary_is_made_when_every_other_living_node_has_stepped_aside()
    {
        Becomes(Standby(1, B));
        var primary = Primary(2);

        Assert.Equal(
            [
                new RoleKeeperEffect.AskToStepAside(B, primary.Epoch),
                new RoleKeeperEffect.AskToStepAside(C, primary.Epoch),
            ],
            Looked(primary, B, C)
        );
        Assert.Empty(Step(new RoleKeeperInput.SteppedAside(B, primary.Epoch)));
        // A message that was lost is sent again.
        Assert.Equal([new RoleKeeperEffect.AskToStepAside(C, primary.Epoch)], Looked(primary, B, C));
        Assert.Equal([new RoleKeeperEffect.Run(primary)], Step(new RoleKeeperInput.SteppedAside(C, primary.Epoch)));
    }

    [Fact]
    public void An_answer_for_another_epoch_counts_for_nothing()
    {
        Becomes(Standby(1, B));
        Looked(Primary(3), B);

        Assert.Empty(Step(new RoleKeeperInput.SteppedAside(B, new Epoch(2))));
    }

    [Fact]
    public void A_node_whose_process_is_gone_is_not_waited_for()
    {
        Becomes(Standby(1, B));
        Looked(Primary(2), B);

        Assert.Equal([new RoleKeeperEffect.Run(Primary(2))], Looked(Primary(2)));
    }

    [Fact]
    public void A_node_that_lives_and_does_not_answer_is_waited_for_no_longer_than_the_timeout()
    {
        Becomes(Standby(1, B));
        Looked(Primary(2), B);
        Later(Timeout - TimeSpan.FromTicks(1));
        Assert.Equal([new RoleKeeperEffect.AskToStepAside(B, new Epoch(2))], Looked(Primary(2), B));
        Later(TimeSpan.FromTicks(1));

        var effects = Looked(Primary(2), B);

        Assert.Equal(B, Assert.Single(Assert.IsType<RoleKeeperEffect.WaitsNoLonger>(effects[0]).For));
        Assert.Equal(new RoleKeeperEffect.Run(Primary(2)), effects[1]);
        // Once for each epoch.
        Ended();
        Later(Repeat);
        Assert.Equal([new RoleKeeperEffect.Run(Primary(2))], Looked(Primary(2), B));
    }

    [Fact]
    public void A_standby_steps_aside_and_a_primary_only_when_it_is_none_any_more()
    {
        Becomes(Primary(1));
        Assert.Empty(Step(new RoleKeeperInput.Asked(B, new Epoch(2))));

        Assert.Equal([new RoleKeeperEffect.Run(Standby(2, B))], Looked(Standby(2, B)));
        Assert.Equal([new RoleKeeperEffect.StepAside(B, new Epoch(2))], Ended());
        Assert.Equal(
            [new RoleKeeperEffect.StepAside(C, new Epoch(3))],
            Step(new RoleKeeperInput.Asked(C, new Epoch(3)))
        );
    }

    [Fact]
    public void An_application_that_cannot_be_made_a_standby_does_not_step_aside()
    {
        Becomes(Primary(1));
        Step(new RoleKeeperInput.Asked(B, new Epoch(2)));
        Looked(Standby(2, B));

        Assert.Empty(Ended("exit 1"));
    }

    [Fact]
    public void Whoever_stepped_aside_does_not_lead_in_that_epoch_or_an_older_one()
    {
        Becomes(Standby(1, A));
        Step(new RoleKeeperInput.Asked(B, new Epoch(2)));

        Assert.Empty(Looked(Primary(1)));
        Assert.Equal([new RoleKeeperEffect.Run(Primary(3))], Looked(Primary(3)));
    }

    [Fact]
    public void A_run_that_makes_a_primary_is_broken_off_once_the_role_is_lost_and_counts_as_unfinished()
    {
        Becomes(Standby(1, B));
        Looked(Primary(2));

        Assert.Equal([new RoleKeeperEffect.Abort()], Looked(Standby(3, B)));
        Assert.Empty(Looked(Standby(3, B)));
        Assert.Equal([new RoleKeeperEffect.Run(Standby(3, B))], Ended());
        Assert.Null(_keeper.Is);
    }

    [Fact]
    public void A_run_that_makes_a_standby_is_not_broken_off()
    {
        Looked(Standby(1, B));

        Assert.Empty(Looked(Primary(2)));
        Assert.Equal([new RoleKeeperEffect.Run(Primary(2))], Ended());
    }

    /// <summary>
    /// Three nodes, wishes that contradict each other for a while, runs that fail, messages that are lost or late. Nobody is given up, so never may two applications be primary at once.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Two_applications_are_never_primary_at_once_as_long_as_everybody_is_waited_for(int seed)
    {
        var world = new World(seed);
        for (var i = 0; i < 60_000; i++)
        {
            world.Step();
            Assert.True(world.MayBePrimary.Count() <= 1, $"step {i}: {string.Join(", ", world.MayBePrimary)}");
        }

        Assert.True(world.Promotions > 50, $"only {world.Promotions} promotions");
    }

    private sealed class World
    {
        private static readonly NodeId[] Names = [A, B, C];
        private readonly Random _random;
        private readonly Dictionary<NodeId, RoleKeeper> _keepers = [];
        private readonly Dictionary<NodeId, RoleWish> _wishes = [];
        private readonly Dictionary<NodeId, RoleWish> _runs = [];
        private readonly Dictionary<NodeId, bool> _isPrimary = [];
        private readonly List<(NodeId To, RoleKeeperInput Message)> _network = [];
        private Instant _now = Instant.Zero;
        private long _epoch;

        public World(int seed)
        {
            _random = new Random(seed);
            foreach (var name in Names)
            {
                _keepers[name] = new RoleKeeper(new RoleKeeperOptions(TimeSpan.MaxValue, Repeat));
                _wishes[name] = Standby(0, null);
                // Left over from an earlier life of the node, perhaps.
                _isPrimary[name] = false;
            }
        }

        public int Promotions { get; private set; }

        public IEnumerable<NodeId> MayBePrimary =>
            Names.Where(n =>
                _isPrimary[n] || (_runs.TryGetValue(n, out var run) && run.Role == ApplicationRole.Primary)
            );

        public void Step()
        {
            _now += TimeSpan.FromMilliseconds(_random.Next(200));
            var node = Names[_random.Next(Names.Length)];
            switch (_random.Next(6))
            {
                case 0 when _random.Next(50) == 0:
                    // A new primary is chosen; the others hear of it later, or much later.
                    _wishes[node] = new RoleWish(ApplicationRole.Primary, new Epoch(++_epoch), node);
                    break;
                case 0:
                    var newest = _wishes.Values.MaxBy(w => w.Epoch.Value)!;
                    if (_wishes[node].Epoch < newest.Epoch)
                        _wishes[node] = newest with { Role = ApplicationRole.Standby };
                    break;
                case 1 when _runs.Remove(node, out var run):
                    var fails = _random.Next(4) == 0;
                    if (!fails)
                        Promotions += run.Role == ApplicationRole.Primary && !_isPrimary[node] ? 1 : 0;
                    // A run that fails may have done its work all the same, or none of it.
                    if (!fails || _random.Next(2) == 0)
                        _isPrimary[node] = run.Role == ApplicationRole.Primary;
                    Drive(node, new RoleKeeperInput.RunEnded(fails ? "exit 1" : null));
                    break;
                case 2 or 3 when _network.Count > 0:
                    var at = _random.Next(_network.Count);
                    var (to, message) = _network[at];
                    _network.RemoveAt(at);
                    if (_random.Next(5) > 0)
                        Drive(to, message);
                    break;
                default:
                    Drive(node, new RoleKeeperInput.Looked(_wishes[node], [.. Names.Where(n => n != node)]));
                    break;
            }
        }

        private void Drive(NodeId node, RoleKeeperInput input)
        {
            var effects = new List<RoleKeeperEffect>();
            _keepers[node].Step(input, _now, effects);
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case RoleKeeperEffect.Run run:
                        Assert.True(_runs.TryAdd(node, run.Wish), "two runs at once");
                        break;
                    case RoleKeeperEffect.AskToStepAside ask:
                        _network.Add((ask.Node, new RoleKeeperInput.Asked(node, ask.Epoch)));
                        break;
                    case RoleKeeperEffect.StepAside aside:
                        _network.Add((aside.For, new RoleKeeperInput.SteppedAside(node, aside.Epoch)));
                        break;
                    case RoleKeeperEffect.Abort:
                        break;
                    default:
                        Assert.Fail($"unexpected: {effect}");
                        break;
                }
            }
        }
    }

    private static RoleWish Standby(long epoch, NodeId? primary) =>
        new(ApplicationRole.Standby, new Epoch(epoch), primary);

    private static RoleWish Primary(long epoch) => new(ApplicationRole.Primary, new Epoch(epoch), A);

    private void Becomes(RoleWish wish)
    {
        Looked(wish);
        Ended();
        Assert.Equal(wish, _keeper.Is);
    }

    private void Later(TimeSpan time) => _now += time;

    private List<RoleKeeperEffect> Looked(RoleWish wish, params NodeId[] others) =>
        Step(new RoleKeeperInput.Looked(wish, [.. others]));

    private List<RoleKeeperEffect> Ended(string? failure = null) => Step(new RoleKeeperInput.RunEnded(failure));

    private List<RoleKeeperEffect> Step(RoleKeeperInput input)
    {
        var effects = new List<RoleKeeperEffect>();
        _keeper.Step(input, _now, effects);
        return effects;
    }
}
