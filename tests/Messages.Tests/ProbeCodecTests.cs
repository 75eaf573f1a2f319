using System.Buffers.Binary;
using Failover.Core;
using FsCheck;
using FsCheck.Fluent;

namespace Failover.Messages.Tests;

public sealed class ProbeCodecTests
{
    [Fact]
    public void Every_frame_arrives_as_it_was_sent() =>
        Prop.ForAll(Arb.From(Arbitrary.Frame), frame => Spelled.Same(frame, ProbeCodec.Decode(Body(frame))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void A_frame_begins_with_the_length_of_the_rest()
    {
        var frame = ProbeCodec.Encode(new ProbeFrame.HeartbeatAck(new NodeId("a"), Instant.Zero, [], null, null));

        Assert.Equal(frame.Length - ProbeCodec.HeaderBytes, BinaryPrimitives.ReadInt32BigEndian(frame));
    }

    [Fact]
    public void A_frame_cut_anywhere_is_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(
                Arb.From(Arbitrary.Frame),
                frame =>
                {
                    var body = Body(frame);
                    for (var length = 0; length < body.Length; length++)
                        ReadOrRefused(body[..length]);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_frame_with_any_byte_changed_is_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(
                Arb.From(Arbitrary.Frame),
                Arb.From(Gen.Two(Gen.Choose(0, int.MaxValue))),
                (frame, change) =>
                {
                    var body = Body(frame);
                    body[change.Item1 % body.Length] ^= (byte)(1 + (change.Item2 % 255));
                    ReadOrRefused(body);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Any_bytes_are_read_or_refused_but_nothing_worse_happens() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ReadOrRefused)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x0A, 0x00 })] // A heartbeat without a report.
    [InlineData(new byte[] { 0x08, 0x01 })] // A field that no frame has.
    public void A_frame_without_what_must_be_in_it_is_refused(byte[] body) =>
        Assert.Throws<InvalidDataException>(() => ProbeCodec.Decode(body));

    [Theory]
    [InlineData(new byte[] { 0x12, 0x0B, 0x0A, 0x01, 0x61, 0x28, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F })] // Never.
    [InlineData(
        new byte[] { 0x12, 0x0E, 0x0A, 0x01, 0x61, 0x28, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }
    )] // A tick ago.
    public void Nobody_promises_the_next_in_the_past_or_in_ages(byte[] body) =>
        Assert.Throws<InvalidDataException>(() => ProbeCodec.Decode(body));

    [Fact]
    public void A_voter_that_knows_nothing_of_answers_as_heartbeats_is_understood()
    {
        // Voter "a" answers, sent at 7: fields 1 and 2 alone.
        var ack = Assert.IsType<ProbeFrame.HeartbeatAck>(ProbeCodec.Decode([0x12, 0x05, 0x0A, 0x01, 0x61, 0x10, 0x07]));

        Assert.Equal((new NodeId("a"), new Instant(new TimeSpan(7))), (ack.Voter, ack.SentAt));
        Assert.Null(ack.Report);
        Assert.Null(ack.NextWithin);
    }

    private static byte[] Body(ProbeFrame frame) => ProbeCodec.Encode(frame)[ProbeCodec.HeaderBytes..];

    private static void ReadOrRefused(byte[] body)
    {
        try
        {
            ProbeCodec.Decode(body);
        }
        catch (InvalidDataException)
        {
            // Refused: that is one of the two right answers.
        }
    }
}
