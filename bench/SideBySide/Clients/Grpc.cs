using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Failover.Bench.SideBySide.Clients;

/// <summary>As much of a gRPC client as a call with one request and one reply needs, over HTTP/2 in plain text.</summary>
internal static class Grpc
{
    private const int HeaderLength = 5;
    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    /// <returns>Null: the server answered with an error.</returns>
    /// <exception cref="HttpRequestException">It did not answer.</exception>
    public static async Task<TReply?> Call<TReply>(
        HttpClient http,
        string method,
        IMessage request,
        MessageParser<TReply> replies,
        CancellationToken cancellation
    )
        where TReply : class, IMessage<TReply>
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(request)),
        };
        call.Content.Headers.ContentType = ContentType;
        call.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var answer = await http.SendAsync(call, cancellation).ConfigureAwait(false);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return answer.IsSuccessStatusCode && Message(body) is { } message
            ? replies.ParseFrom(body, message.Start, message.Length)
            : null;
    }

    /// <summary>A message as it is sent: whether it is compressed, its length, itself.</summary>
    public static byte[] Frame(IMessage message)
    {
        var frame = new byte[HeaderLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - HeaderLength);
        message.WriteTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    /// <summary>Where the one message of a body is.</summary>
    /// <returns>Null: there is none, which is how an error looks.</returns>
    /// <exception cref="HttpRequestException">The body is something else.</exception>
    public static (int Start, int Length)? Message(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        if (
            body.Length < HeaderLength
            || body[0] != 0
            || BinaryPrimitives.ReadInt32BigEndian(body[1..]) != body.Length - HeaderLength
        )
            throw new HttpRequestException("not one uncompressed message");
        return (HeaderLength, body.Length - HeaderLength);
    }
}
