using Failover.Core.Detection;
using Failover.Core.Policy;
using Failover.Core.Replication;
using FsCheck;
using FsCheck.Fluent;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Detection;

/// <summary>Node b follows a, whose claims come and stop; c listens. Frames take 1 ms, timers are late by up to 5 ms.</summary>
public sealed class HeartbeatPromiseProperties
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_node_that_is_connected_is_never_suspected_whatever_becomes_of_the_claims(int misses) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(300),
            Prop.ForAll<byte[]>(steps => new Follower(misses).IsHeardThroughout(steps))
        );

    [Fact]
    public void Three_nodes_at_rest_exchange_twenty_claims_twenty_answers_and_five_heartbeats_a_second()
    {
        var follower = new Follower(misses: 3);
        follower.IsHeardThroughout([.. Enumerable.Repeat((byte)0, 20)]);
        var (before, answersBefore) = (follower.Sent, follower.Answers);

        follower.IsHeardThroughout([.. Enumerable.Repeat((byte)0, 200)]);

        Assert.Equal((50, 200), (follower.Sent - before, follower.Answers - answersBefore));
    }

    private sealed class Follower(int misses)
    {
        private readonly DetectionOptions _options = new() { Interval = Ms(50), Misses = misses };
        private readonly HeartbeatPace _pace = new(new DetectionOptions { Interval = Ms(50), Misses = misses });
        private readonly PeerHealth[] _hears =
        [
            new(A, new DetectionOptions { Interval = Ms(50), Misses = misses }),
            new(C, new DetectionOptions { Interval = Ms(50), Misses = misses }),
        ];
        private readonly Dictionary<NodeId, PeerHealth> _atPeers = new()
        {
            [A] = new(B, new DetectionOptions { Interval = Ms(50), Misses = misses }),
            [C] = new(B, new DetectionOptions { Interval = Ms(50), Misses = misses }),
        };
        private readonly NodeReport _report = Report(ReplicaB, ReplicaRole.Standby);
        private Instant _now = At(1_000);
        private Instant _beatsAt = At(1_000);
        private Instant _claimedAt = At(1_013);
        private bool _claims = true;

        public int Sent { get; private set; }

        public int Answers { get; private set; }

        /// <param name="steps">One for each interval: whether a claims, is heard at all, and how late what happens comes.</param>
        public bool IsHeardThroughout(byte[] steps)
        {
            foreach (var step in steps)
            {
                _claims = step % 8 < 6 ? _claims : step % 8 == 7;
                var late = Ms(step / 8 % 6);
                _beatsAt += Ms(50);
                _claimedAt += Ms(50);
                if (!Passes(_claimedAt + late, Answer) || !Passes(_beatsAt + late, Beat))
                    return false;
            }

            return true;
        }

        private bool Passes(Instant until, Action then)
        {
            // Looked at just before something arrives, when the silence is longest.
            _now = until;
            var heard = _atPeers.Values.All(p => p.VerdictAt(until + Ms(1)) != Verdict.Suspected);
            then();
            return heard;
        }

        private void Answer()
        {
            if (!_claims)
                return;
            _hears[0].Heartbeat(new(1), _options.Interval, _now);
            _pace.Answered(_hears[0], _now);
            _atPeers[A].Heartbeat(new(1), HeartbeatPace.AfterAnswer(_hears[0]), _now + Ms(1));
            Answers++;
        }

        private void Beat()
        {
            _hears[1].Heartbeat(new(1), _options.Interval, _now);
            _pace.Says(
                _report,
                State(1, ViewOf(1, ReplicaA, ReplicaB)),
                node =>
                    node == A && _hears[0].VerdictAt(_now) == Verdict.Alive
                        ? Report(ReplicaA, ReplicaRole.Primary)
                        : null
            );
            foreach (var peer in _hears)
            {
                if (!_pace.IsOwed(peer.Node, _now))
                    continue;
                var next = _pace.NextWithin(peer, _now);
                _pace.Sent(peer.Node, next, _now);
                _atPeers[peer.Node].Heartbeat(new(1), next, _now + Ms(1));
                Sent++;
            }
        }

        private static NodeReport Report(ReplicaId replica, ReplicaRole role) =>
            new(
                replica.Node,
                new(1),
                Formation,
                1,
                false,
                [new(P0, replica, role, new(1), Pos(1, 9), 0, false, TimeSpan.Zero, null)]
            );
    }
}
