using System.CommandLine;
using Failover.Client.Commands;

namespace Failover.Client.Interactive;

/// <summary>What may stand at the end of a typed line, from the same definition that parses it.</summary>
internal sealed class Completion(Surroundings surroundings)
{
    private static readonly string[] ConsoleCommands = ["exit", "help"];

    /// <summary>Whole words that begin with the last, unfinished word of the line.</summary>
    public IReadOnlyList<string> Of(string line)
    {
        var (before, last) = Unfinished(line);
        var parsed = Application.Parse(line, surroundings);
        // After a word that is not understood, nothing sensible can follow.
        if (parsed.UnmatchedTokens.Any(token => token != last))
            return [];
        var known = parsed.GetCompletions(line.Length).Select(item => item.InsertText ?? item.Label);
        if (string.IsNullOrWhiteSpace(before))
            known = known.Concat(ConsoleCommands);
        return
        [
            .. known
                .Where(word => word.StartsWith(last, StringComparison.Ordinal))
                // Options are offered to those who begin to type one, by their long names.
                .Where(word =>
                    !word.StartsWith('-') || (last.StartsWith('-') && word.StartsWith("--", StringComparison.Ordinal))
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The line with its last word completed as far as all candidates agree; a space follows when there is only one.</summary>
    public static string Apply(string line, IReadOnlyList<string> candidates)
    {
        if (candidates.Count == 0)
            return line;
        var (before, last) = Unfinished(line);
        var common = candidates.Aggregate(CommonPrefix);
        return before + (common.Length < last.Length ? last : common) + (candidates.Count == 1 ? " " : "");
    }

    private static (string Before, string Last) Unfinished(string line)
    {
        var start = line.Length;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1]))
            start--;
        return (line[..start], line[start..]);
    }

    private static string CommonPrefix(string left, string right)
    {
        var length = 0;
        while (length < left.Length && length < right.Length && left[length] == right[length])
            length++;
        return left[..length];
    }
}
