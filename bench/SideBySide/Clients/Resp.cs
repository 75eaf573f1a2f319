using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Failover.Bench.SideBySide.Clients;

/// <summary>What a Redis server or a Sentinel answers.</summary>
internal abstract record RespReply
{
    private RespReply() { }

    /// <param name="Value">Null: there is no such thing.</param>
    public sealed record Text(string? Value) : RespReply;

    public sealed record Number(long Value) : RespReply;

    public sealed record Error(string Message) : RespReply;

    public sealed record List(IReadOnlyList<RespReply> Items) : RespReply
    {
        /// <summary>A list of names and values in turn.</summary>
        public string? this[string name] =>
            Items
                .Chunk(2)
                .Where(pair => pair is [Text { Value: var key }, _] && key == name)
                .Select(pair => (pair[1] as Text)?.Value)
                .FirstOrDefault();
    }
}

/// <summary>Redis's protocol, version 2: commands are lists of strings, answers one of five kinds.</summary>
internal static class Resp
{
    private static readonly RespReply.Text Ok = new("OK");

    public static byte[] Command(params ReadOnlySpan<string> words)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Takes one reply from the front of what was received.</summary>
    /// <returns>Null: it has not arrived as a whole, and nothing was taken.</returns>
    /// <exception cref="IOException">It is none.</exception>
    public static RespReply? TakeReply(ref ReadOnlySpan<byte> received)
    {
        var rest = received;
        if (!TryTakeLine(ref rest, out var line))
            return null;
        var kind = line.IsEmpty ? (byte)0 : line[0];
        var reply = kind switch
        {
            (byte)'+' => line is [_, (byte)'O', (byte)'K']
                ? Ok
                : new RespReply.Text(Encoding.UTF8.GetString(line[1..])),
            (byte)'-' => new RespReply.Error(Encoding.UTF8.GetString(line[1..])),
            (byte)':' => new RespReply.Number(NumberIn(line[1..])),
            (byte)'$' => TakeBulk(ref rest, NumberIn(line[1..])),
            (byte)'*' => TakeList(ref rest, NumberIn(line[1..])),
            _ => throw new IOException($"no reply begins with {kind}"),
        };
        if (reply is not null)
            received = rest;
        return reply;
    }

    private static RespReply.Text? TakeBulk(ref ReadOnlySpan<byte> rest, long length)
    {
        if (length < 0)
            return new RespReply.Text(null);
        if (rest.Length < length + 2)
            return null;
        var text = Encoding.UTF8.GetString(rest[..(int)length]);
        rest = rest[((int)length + 2)..];
        return new RespReply.Text(text);
    }

    private static RespReply? TakeList(ref ReadOnlySpan<byte> rest, long length)
    {
        if (length < 0)
            return new RespReply.Text(null);
        var items = new List<RespReply>();
        while (items.Count < length)
        {
            if (TakeReply(ref rest) is not { } item)
                return null;
            items.Add(item);
        }

        return new RespReply.List(items);
    }

    private static bool TryTakeLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf("\r\n"u8);
        line = end < 0 ? default : rest[..end];
        if (end >= 0)
            rest = rest[(end + 2)..];
        return end >= 0;
    }

    private static long NumberIn(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long number, out var used) && used == digits.Length
            ? number
            : throw new IOException($"not a number: {Encoding.UTF8.GetString(digits)}");
}
