using System.Text;

namespace Failover.Node.Http;

/// <summary>Finds the key in a request's target as it came over the wire.</summary>
/// <remarks>
/// The decoded path is of no use: the server leaves %2F alone in it (so that %2F and %252F look the same) and removes
/// dot segments (so that the key <c>..</c> would be another address). A key may be any UTF-8 text; a slash in it may stand
/// for itself or be written %2F. One slash at the end is tolerated and does not belong to the key: a key that ends in one
/// writes it as %2F.
/// </remarks>
internal static class KeyPath
{
    public const string Prefix = "/kv-store/v1/kv/";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether the target asks for a key; the key is still encoded.</summary>
    public static bool TryFind(string rawTarget, out ReadOnlyMemory<char> encoded)
    {
        encoded = default;
        if (!rawTarget.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var end = rawTarget.IndexOf('?', Prefix.Length);
        if (end < 0)
            end = rawTarget.Length;
        if (end > Prefix.Length && rawTarget[end - 1] == '/')
            end--;
        encoded = rawTarget.AsMemory(Prefix.Length, end - Prefix.Length);
        return true;
    }

    public static string Decode(ReadOnlySpan<char> encoded, int limit)
    {
        if (encoded.IsEmpty)
            throw new ProblemException(Problem.BadRequest("bad-key", "the key is empty"));
        var bytes = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != '%')
            {
                if (!char.IsAscii(encoded[i]))
                    throw new ProblemException(Problem.BadRequest("bad-key", "the key must be percent-encoded"));
                bytes[length++] = (byte)encoded[i];
                continue;
            }
            if (i + 2 >= encoded.Length || Hex(encoded[i + 1]) is not { } high || Hex(encoded[i + 2]) is not { } low)
                throw new ProblemException(Problem.BadRequest("bad-key", "the key holds a broken percent escape"));
            bytes[length++] = (byte)(high * 16 + low);
            i += 2;
        }
        if (length > limit)
            throw TooLong(limit);
        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new ProblemException(Problem.BadRequest("bad-key", "the key is not valid UTF-8"));
        }
    }

    /// <summary>The same limit for a key that came in a body.</summary>
    public static void Check(string key, int limit)
    {
        if (key.Length == 0)
            throw new ProblemException(Problem.BadRequest("bad-key", "a key is empty"));
        if (key.Length > limit || Encoding.UTF8.GetByteCount(key) > limit)
            throw TooLong(limit);
    }

    private static int? Hex(char c) =>
        c switch
        {
            >= '0' and <= '9' => c - '0',
            >= 'a' and <= 'f' => c - 'a' + 10,
            >= 'A' and <= 'F' => c - 'A' + 10,
            _ => null,
        };

    private static ProblemException TooLong(int limit) =>
        new(Problem.TooLarge("key", limit, $"the key is longer than {limit} bytes (failover.limits.key)"));
}
