using System.Runtime.Serialization;
using Akka.Actor;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using FsCheck;
using FsCheck.Fluent;

namespace Failover.Messages.Tests;

public sealed class WireSerializerTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly WireSerializer _serializer;

    public WireSerializerTests() => _serializer = new WireSerializer((ExtendedActorSystem)Sys);

    [Fact]
    public void Every_message_arrives_as_it_was_sent() =>
        Prop.ForAll(Arb.From(Arbitrary.Message), message => Spelled.Same(message, Sent(message)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void A_message_cut_anywhere_is_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(
                Arb.From(Arbitrary.Message),
                message =>
                {
                    var bytes = _serializer.ToBinary(message);
                    for (var length = 0; length < bytes.Length; length++)
                        ReadOrRefused(bytes[..length], _serializer.Manifest(message));
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_message_with_any_byte_changed_is_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(
                Arb.From(Arbitrary.Message),
                Arb.From(Gen.Two(Gen.Choose(0, int.MaxValue))),
                (message, change) =>
                {
                    var bytes = _serializer.ToBinary(message);
                    if (bytes.Length == 0)
                        return;
                    bytes[change.Item1 % bytes.Length] ^= (byte)(1 + (change.Item2 % 255));

                    ReadOrRefused(bytes, _serializer.Manifest(message));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Any_bytes_under_any_manifest_are_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                Arb.From(Gen.Elements("R", "V", "C", "W", "I", "Q", "A", "M", "N")),
                ReadOrRefused
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Theory]
    [InlineData("")]
    [InlineData("Z")]
    [InlineData("System.Diagnostics.Process, System")]
    public void An_unknown_manifest_is_refused_by_name(string manifest)
    {
        var refused = Assert.Throws<SerializationException>(() => _serializer.FromBinary([], manifest));

        Assert.Contains($"'{manifest}'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("R")]
    [InlineData("V")]
    [InlineData("C")]
    [InlineData("I")]
    [InlineData("Q")]
    public void A_message_without_what_must_be_in_it_is_refused(string manifest) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary([], manifest));

    [Fact]
    public void What_is_no_wire_message_cannot_be_sent()
    {
        Assert.Throws<SerializationException>(() => _serializer.ToBinary("text"));
        Assert.Throws<SerializationException>(() => _serializer.Manifest("text"));
    }

    [Fact]
    public void A_whole_map_is_no_single_answer()
    {
        var whole = new Answer(1, new RequestOutcome.ReadMany(ReplicatedMap.Empty));

        Assert.ThrowsAny<ArgumentException>(() => _serializer.ToBinary(whole));
    }

    [Fact]
    public void The_number_of_the_serializer_stays_what_nodes_of_other_versions_know() =>
        Assert.Equal(7301, _serializer.Identifier);

    [Fact]
    public void A_write_has_the_bytes_that_nodes_of_other_versions_know()
    {
        var write = new Request.Write(7, new PartitionId(3), new Command.Put("k", "1", 5), new SessionStamp("c", 9, 2));

        Assert.Equal("Q", _serializer.Manifest(write));
        Assert.Equal(
            "08-07-10-03-22-0A-0A-08-0A-01-6B-12-01-31-18-05-2A-07-0A-01-63-10-09-18-02",
            BitConverter.ToString(_serializer.ToBinary(write))
        );
    }

    private object Sent(object message) =>
        _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));

    private void ReadOrRefused(byte[] bytes, string manifest)
    {
        try
        {
            _serializer.FromBinary(bytes, manifest);
        }
        catch (SerializationException)
        {
            // Refused: that is one of the two right answers.
        }
    }
}
