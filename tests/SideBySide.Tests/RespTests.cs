using System.Text;
using Failover.Bench.SideBySide.Clients;

namespace Failover.SideBySide.Tests;

public sealed class RespTests
{
    [Fact]
    public void A_command_is_a_list_of_strings_with_their_lengths_in_bytes() =>
        Assert.Equal("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nü1\r\n"u8, Resp.Command("SET", "k", "ü1"));

    [Fact]
    public void Replies_of_every_kind_are_taken_one_after_the_other()
    {
        var received = "+OK\r\n-READONLY no\r\n:-7\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n"u8;

        Assert.Equal(new RespReply.Text("OK"), Resp.TakeReply(ref received));
        Assert.Equal(new RespReply.Error("READONLY no"), Resp.TakeReply(ref received));
        Assert.Equal(new RespReply.Number(-7), Resp.TakeReply(ref received));
        Assert.Equal(new RespReply.Text("a\r\nbc"), Resp.TakeReply(ref received));
        Assert.Equal(new RespReply.Text(""), Resp.TakeReply(ref received));
        Assert.Equal(new RespReply.Text(null), Resp.TakeReply(ref received));
        Assert.Equal(new RespReply.Text(null), Resp.TakeReply(ref received));
        Assert.True(received.IsEmpty);
    }

    [Fact]
    public void Lists_hold_lists_and_are_read_by_name()
    {
        var received = "*4\r\n$4\r\nname\r\n$1\r\nx\r\n$4\r\nlist\r\n*1\r\n:1\r\n"u8;

        var list = Assert.IsType<RespReply.List>(Resp.TakeReply(ref received));

        Assert.Equal("x", list["name"]);
        Assert.Null(list["other"]);
        Assert.Equal([new RespReply.Number(1)], Assert.IsType<RespReply.List>(list.Items[3]).Items);
        Assert.True(received.IsEmpty);
    }

    [Fact]
    public void Nothing_is_taken_before_all_of_a_reply_is_there()
    {
        var whole = "*2\r\n$6\r\nab\r\ncd\r\n*1\r\n:12\r\n"u8;
        for (var length = 0; length < whole.Length; length++)
        {
            var received = whole[..length];
            Assert.Null(Resp.TakeReply(ref received));
            Assert.Equal(length, received.Length);
        }
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("\r\n")]
    [InlineData(":1x\r\n")]
    [InlineData("$many\r\n")]
    public void What_is_no_reply_is_an_error(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Throws<IOException>(() =>
        {
            ReadOnlySpan<byte> received = bytes;
            Resp.TakeReply(ref received);
        });
    }
}
