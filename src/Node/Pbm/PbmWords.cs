using System.Collections.Immutable;
using System.Globalization;

namespace Failover.Node.Pbm;

/// <summary>Reads the words behind a command.</summary>
internal static class PbmWords
{
    public static void None(ImmutableArray<string> words)
    {
        if (words is [var word, ..])
            throw new PbmRefusal($"'{word}' is not expected here");
    }

    /// <summary>The one word that is needed; pbm's own option before it is understood too.</summary>
    public static string One(ImmutableArray<string> words, string option, string what) =>
        words switch
        {
            [var word] when word != option => word,
            [var first, var word] when first == option => word,
            _ => throw new PbmRefusal($"exactly one {what} is needed"),
        };

    public static int Number(string option, string word, int from, int to) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= from
        && number <= to
            ? number
            : throw new PbmRefusal($"{option} takes a number from {from} to {to}, not '{word}'");

    public static string Count(int count, string one) =>
        string.Create(CultureInfo.InvariantCulture, $"Count: {count} {one}{(count == 1 ? "" : "s")}");
}
