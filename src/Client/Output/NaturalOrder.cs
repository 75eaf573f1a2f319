namespace Failover.Client.Output;

/// <summary>Orders names as people count: app2 before app10.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (left, leftNumber) = Split(x ?? "");
        var (right, rightNumber) = Split(y ?? "");
        var byName = string.CompareOrdinal(left, right);
        return byName != 0 ? byName : leftNumber.CompareTo(rightNumber);
    }

    private static NameAndNumber Split(string text)
    {
        var digits = text.Length;
        while (digits > 0 && char.IsAsciiDigit(text[digits - 1]))
            digits--;
        return long.TryParse(text.AsSpan(digits), out var number)
            ? new NameAndNumber(text[..digits], number)
            : new NameAndNumber(text, -1);
    }

    private readonly record struct NameAndNumber(string Name, long Number);
}
