using Failover.Core.Store;

namespace Failover.Core.Tests.Store;

/// <summary>The vectors are Redis Cluster's own: its specification, and what <c>CLUSTER KEYSLOT</c> answers.</summary>
public sealed class HashSlotTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("123456789", 0x31C3)] // The specification's check value of CRC16-XMODEM, below 16,384.
    [InlineData("foo", 12182)]
    [InlineData("bar", 5061)]
    [InlineData("hello", 866)]
    [InlineData("user1000", 3443)]
    public void A_key_has_the_slot_that_redis_gives_it(string key, int slot) => Assert.Equal(slot, HashSlot.Of(key));

    [Theory]
    [InlineData("{user1000}.following", "user1000")]
    [InlineData("{user1000}.followers", "user1000")]
    [InlineData("foo{bar}{zap}", "bar")] // The first tag counts.
    [InlineData("foo{{bar}}zap", "{bar")] // Up to the first closing brace.
    public void Keys_that_share_a_tag_share_a_slot(string key, string tag) =>
        Assert.Equal(HashSlot.Of(tag), HashSlot.Of(key));

    [Theory]
    [InlineData("foo{}{bar}", "{bar}")] // An empty tag is none.
    [InlineData("foo{bar", "bar")]
    [InlineData("foo}bar{", "bar")]
    public void What_is_no_tag_is_hashed_as_it_stands(string key, string notATag) =>
        Assert.NotEqual(HashSlot.Of(notATag), HashSlot.Of(key));

    [Fact]
    public void Keys_are_hashed_as_utf_8() => Assert.Equal(HashSlot.Of("é{x}"), HashSlot.Of("ü{x}"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(1_024)]
    public void Slots_are_dealt_out_in_equal_runs(int partitions)
    {
        var sizes = new int[partitions];
        foreach (var key in KeyOfEachSlot)
            sizes[HashSlot.PartitionOf(key, partitions).Value]++;

        Assert.Equal(HashSlot.Count, sizes.Sum());
        Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
    }

    /// <summary>One key for each of the 16,384 slots.</summary>
    private static readonly string[] KeyOfEachSlot =
    [
        .. Enumerable
            .Range(0, int.MaxValue)
            .Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .DistinctBy(HashSlot.Of)
            .Take(HashSlot.Count),
    ];
}
