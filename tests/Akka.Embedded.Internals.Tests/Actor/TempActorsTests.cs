using System.Text;
using Akka.Actor;

namespace Akka.Embedded.Internals.Tests.Actor;

public sealed class TempActorsTests
{
    private readonly TempActors _temp = new(ActorRefs.Nobody, new RootActorPath(new Address("akka", "s")) / "temp");

    [Fact]
    public void Finds_each_by_number_and_by_name_until_it_is_removed()
    {
        var actors = Enumerable.Range(0, 100).Select(_ => new Someone()).ToList();
        var numbers = actors.ConvertAll(_temp.Add);

        Assert.Equal(100, numbers.Distinct().Count());
        for (var i = 0; i < actors.Count; i++)
        {
            Assert.Same(actors[i], _temp.Find(numbers[i]));
            Assert.Same(actors[i], _temp.GetChild([TempName.Of(numbers[i])]));
        }

        foreach (var number in numbers)
            _temp.Remove(number);
        Assert.All(numbers, number => Assert.Null(_temp.Find(number)));
        Assert.Same(ActorRefs.Nobody, _temp.GetChild([TempName.Of(numbers[0])]));
    }

    [Fact]
    public void A_number_never_leads_to_whoever_came_later()
    {
        var late = _temp.Add(new Someone());
        _temp.Remove(late);
        for (var i = 0; i < 1000; i++)
        {
            var number = _temp.Add(new Someone());
            Assert.Null(_temp.Find(late));
            _temp.Remove(late);
            Assert.NotNull(_temp.Find(number));
            _temp.Remove(number);
        }
    }

    [Fact]
    public void Numbers_stay_apart_when_a_large_table_was_given_up()
    {
        var seen = new HashSet<long>();
        for (var round = 0; round < 3; round++)
        {
            var numbers = Enumerable.Range(0, 5000).Select(_ => _temp.Add(new Someone())).ToList();
            Assert.All(numbers, number => Assert.True(seen.Add(number)));
            numbers.ForEach(_temp.Remove);
        }
    }

    [Theory]
    [InlineData("$1", 1)]
    [InlineData("$1a0000000", 0x1a0000000)]
    [InlineData("$7fffffffffffffff", long.MaxValue)]
    [InlineData("$0", 0)]
    [InlineData("$01", 0)]
    [InlineData("$1A", 0)]
    [InlineData("$ 1", 0)]
    [InlineData("$", 0)]
    [InlineData("1", 0)]
    [InlineData("$g", 0)]
    [InlineData("$ffffffffffffffff", 0)]
    [InlineData("$10000000000000000", 0)]
    [InlineData("$é", 0)]
    public void A_name_is_a_number_only_as_it_is_written(string name, long expected)
    {
        Assert.Equal(expected != 0, TempName.TryParse(name, out var number));
        Assert.Equal(expected != 0, TempName.TryParse(Encoding.UTF8.GetBytes(name), out var fromBytes));
        if (expected == 0)
            return;
        Assert.Equal(expected, number);
        Assert.Equal(expected, fromBytes);
        Assert.Equal(name, TempName.Of(expected));
    }

    private sealed class Someone : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "s")) / "someone";
    }
}
