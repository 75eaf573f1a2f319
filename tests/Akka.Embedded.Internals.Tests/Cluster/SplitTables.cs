using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Gossiping;
using Akka.Cluster.SBR;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>
/// Who stays when a cluster falls apart: each strategy's cases, decided on every side, each by what that side knows.
/// </summary>
/// <remarks>
/// A case is written as its sides, divided by <c>|</c>. A member is a digit, its address being higher with the digit, and after it
/// what is special about it: <c>j</c>oining, <c>w</c>eakly up, <c>l</c>eaving, <c>e</c>xiting, <c>d</c>own (else it is up),
/// <c>*</c> has the role, <c>!</c> is the oldest (else the lowest digit is). The last column is who stays.
/// </remarks>
public sealed class SplitTables
{
    [Theory]
    [InlineData("1 2 | 3 4 5", "3 4 5")]
    [InlineData("1 2 3 | 4 5", "1 2 3")]
    [InlineData("1 | 2", "1")]
    [InlineData("2 4 | 1 3", "1 3")]
    [InlineData("2 4 | 3 5", "2 4")]
    [InlineData("3 | 1 2 4 5 6 7 8 9", "1 2 4 5 6 7 8 9")]
    [InlineData("1 2 | 3 4 | 5", "")]
    [InlineData("1 2 3 | 4 | 5", "1 2 3")]
    [InlineData("3 4 | 1 | 2", "")]
    [InlineData("1 2 | 3 | 4", "1 2")]
    [InlineData("1 2j 3j | 4 5", "4 5")]
    [InlineData("1 2w 3w | 4 5", "4 5")]
    [InlineData("1j 2 | 3", "1j 2")]
    [InlineData("1j 3 | 2", "2")]
    [InlineData("1l 2 | 3", "1l 2")]
    [InlineData("1 2l | 3 4", "1 2l")]
    [InlineData("1 2e 3 | 4 5", "1 2e 3")]
    [InlineData("1d 2d 3 | 4 5", "4 5")]
    [InlineData("1d 2 | 3", "2")]
    public void Keep_majority(string sides, string staying) => Check("keep-majority {}", sides, staying);

    [Theory]
    [InlineData("1* 2 3 4 | 5* 6*", "5* 6*")]
    [InlineData("1 2 3 | 4*", "4*")]
    [InlineData("1 2* | 3 4*", "1 2*")]
    [InlineData("1 4* | 3 2*", "3 2*")]
    [InlineData("1 2 | 3 4 5", "")]
    [InlineData("1*j 2*j 3 | 4*", "4*")]
    public void Keep_majority_of_a_role(string sides, string staying) =>
        Check("keep-majority { role = main }", sides, staying);

    [Theory]
    [InlineData("1 2 3 | 4 5", "1 2 3")]
    [InlineData("1 2 | 3 4 5", "3 4 5")]
    [InlineData("1 2 3 4 5 |", "1 2 3 4 5")]
    [InlineData("1 2 | 3 4", "")]
    [InlineData("1 2 | 3 4 | 5", "")]
    [InlineData("1 2 3 | 4 | 5", "1 2 3")]
    [InlineData("1 2 3 | 4 5 6", "")]
    [InlineData("1 2 3 4 5 | 6", "")]
    [InlineData("1 2 3j | 4 5", "")]
    [InlineData("1 2 3w | 4 5", "")]
    [InlineData("1 2 3l | 4 5j 6j", "1 2 3l")]
    [InlineData("1 2 3 | 4 5 6j", "1 2 3")]
    [InlineData("1 2 3 | 4 5 6d", "1 2 3")]
    public void Static_quorum_of_three(string sides, string staying) =>
        Check("static-quorum { quorum-size = 3 }", sides, staying);

    [Theory]
    [InlineData("1* 2 | 3 4* 5*", "3 4* 5*")]
    [InlineData("1 2 3 4 | 5* 6*", "5* 6*")]
    [InlineData("1* 2 3 | 4* 5*", "4* 5*")]
    [InlineData("1* 2* | 3* 4*", "")]
    [InlineData("1 2 3 | 4* 5", "")]
    public void Static_quorum_of_two_of_a_role(string sides, string staying) =>
        Check("static-quorum { quorum-size = 2, role = main }", sides, staying);

    [Theory]
    [InlineData("1 2 | 3 4 5", "1 2")]
    [InlineData("1 2 3 | 4! 5", "4! 5")]
    [InlineData("1 | 2", "2")]
    [InlineData("1 | 2 3 4", "2 3 4")]
    [InlineData("1 2 3 | 4!", "1 2 3")]
    [InlineData("1 | 2 | 3", "")]
    [InlineData("1 2 | 3 | 4", "1 2")]
    [InlineData("1 2j | 3 4", "3 4")]
    [InlineData("1 2w | 3 4", "3 4")]
    [InlineData("1 2l | 3 4 5", "1 2l")]
    [InlineData("1e 2 | 3 4 5", "1e 2")]
    [InlineData("1 2j 3j |", "1 2j 3j")]
    [InlineData("1d 2 | 3 4 5", "3 4 5")]
    [InlineData("1d 2 3 | 4 5", "2 3")]
    public void Keep_oldest(string sides, string staying) => Check("keep-oldest {}", sides, staying);

    [Theory]
    [InlineData("1 | 2 3 4", "1")]
    [InlineData("1 2 3 | 4!", "4!")]
    [InlineData("1 | 2", "1")]
    [InlineData("1 2 | 3", "1 2")]
    public void Keep_oldest_even_if_it_is_alone(string sides, string staying) =>
        Check("keep-oldest { down-if-alone = off }", sides, staying);

    [Theory]
    [InlineData("1 2* 3* | 4 5 6*", "1 2* 3*")]
    [InlineData("1 2 3 | 4* 5*", "4* 5*")]
    [InlineData("1 2* | 3 4* 5*", "3 4* 5*")]
    [InlineData("1 2 | 3 4", "")]
    public void Keep_oldest_of_a_role(string sides, string staying) =>
        Check("keep-oldest { role = main }", sides, staying);

    [Theory]
    [InlineData("1 | 2", "")]
    [InlineData("1 2 3 | 4", "")]
    public void Down_all(string sides, string staying) => Check("down-all {}", sides, staying);

    private static void Check(string strategy, string sides, string staying)
    {
        var split = new WrittenSplit(sides);
        var resolver = Strategy(strategy);

        var stays = split
            .Sides.SelectMany(side => WrittenSplit.AliveIn(side).Except(resolver.Decide(split.SeenFrom(side))))
            .Order();

        Assert.Equal(new WrittenSplit(staying).Alive, stays);
    }

    private static DowningStrategy Strategy(string hocon) =>
        SplitBrainResolverProvider
            .Read(
                ConfigurationFactory.ParseString(
                    $"active-strategy = {hocon.Split(' ')[0]}, stable-after = 20s, down-all-when-unstable = on, {hocon}"
                )
            )
            .Strategy;

    /// <summary>The members of a case, and what each side of it believes.</summary>
    private sealed class WrittenSplit(string text)
    {
        public ImmutableArray<ImmutableArray<Member>> Sides { get; } =
        [
            .. text.Split('|')
                .Select(side => side.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToImmutableArray())
                .Where(side => !side.IsEmpty),
        ];

        public IEnumerable<UniqueAddress> Alive => Sides.SelectMany(side => AliveIn(side)).Order();

        /// <summary>Those down already have no say and no future.</summary>
        public static IEnumerable<UniqueAddress> AliveIn(IEnumerable<Member> side) =>
            side.Where(m => m.Status != MemberStatus.Down).Select(m => m.UniqueAddress);

        /// <summary>Everyone here suspects everyone there, and only those here know it.</summary>
        public ClusterView SeenFrom(ImmutableArray<Member> side)
        {
            var here = AliveIn(side).ToArray();
            var there = Sides.Where(other => other != side).SelectMany(other => other).ToArray();
            var gossip = Sides.SelectMany(s => s).Aggregate(Gossip.Empty, (all, member) => all.With(member));
            var reachability = gossip.Reachability;
            foreach (var observer in here)
            foreach (var subject in there)
                reachability = reachability.Suspect(observer, subject.UniqueAddress);
            gossip = here.Aggregate(gossip.With(reachability), (all, node) => all.SeenBy(node));
            return new ClusterView(gossip, here[0]);
        }

        private static Member Parse(string member)
        {
            var number = member[0] - '0';
            var status = MemberStatus.Up;
            foreach (var mark in member)
                status = mark switch
                {
                    'j' => MemberStatus.Joining,
                    'w' => MemberStatus.WeaklyUp,
                    'l' => MemberStatus.Leaving,
                    'e' => MemberStatus.Exiting,
                    'd' => MemberStatus.Down,
                    _ => status,
                };
            var upNumber =
                status is MemberStatus.Joining or MemberStatus.WeaklyUp ? int.MaxValue
                : member.Contains('!') ? 0
                : number;
            return new Member(
                new UniqueAddress(new Address("akka.tcp", "sim", "127.0.0.1", 4000 + number), number),
                upNumber,
                status,
                member.Contains('*') ? ["main"] : [],
                AppVersion.Zero
            );
        }
    }
}
