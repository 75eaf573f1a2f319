using Failover.Bench.SideBySide.Clients;
using Failover.Bench.SideBySide.Wire;
using Google.Protobuf;

namespace Failover.SideBySide.Tests;

public sealed class GrpcTests
{
    [Fact]
    public void A_message_is_framed_as_gRPC_has_it_with_the_numbers_of_etcds_fields()
    {
        var put = new Put { Key = ByteString.CopyFromUtf8("k"), Value = ByteString.CopyFromUtf8("v") };

        byte[] expected = [0, 0, 0, 0, 6, 0x0A, 1, (byte)'k', 0x12, 1, (byte)'v'];
        Assert.Equal(expected, Grpc.Frame(put));
    }

    [Fact]
    public void The_one_message_of_a_body_is_found()
    {
        var frame = Grpc.Frame(new PutReply { Header = new ReplyHeader { RaftTerm = 3 } });

        var (start, length) = Grpc.Message(frame)!.Value;

        Assert.Equal(3UL, PutReply.Parser.ParseFrom(frame, start, length).Header.RaftTerm);
    }

    [Fact]
    public void An_error_has_no_message() => Assert.Null(Grpc.Message([]));

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 1 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 1 })]
    public void Cut_off_or_compressed_bodies_are_refused(byte[] body) =>
        Assert.Throws<HttpRequestException>(() => Grpc.Message(body));
}
