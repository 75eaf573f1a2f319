using System.Globalization;

namespace Failover.RemoteFuzz;

/// <summary>What the command line asks for.</summary>
public sealed record FuzzOptions
{
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    public int Seed { get; init; } = Environment.TickCount & 0xFFFFFF;

    public bool Tls { get; init; }

    public static bool TryParse(ReadOnlySpan<string> arguments, out FuzzOptions options)
    {
        options = new FuzzOptions();
        for (var rest = arguments; rest.Length > 0; )
        {
            switch (rest)
            {
                case ["--tls", ..]:
                    options = options with { Tls = true };
                    rest = rest[1..];
                    continue;
                case ["--minutes", var text, ..] when Number(text) is { } minutes:
                    options = options with { Duration = TimeSpan.FromMinutes(minutes) };
                    break;
                case ["--seconds", var text, ..] when Number(text) is { } seconds:
                    options = options with { Duration = TimeSpan.FromSeconds(seconds) };
                    break;
                case ["--seed", var text, ..] when int.TryParse(text, out var seed):
                    options = options with { Seed = seed };
                    break;
                default:
                    return false;
            }

            rest = rest[2..];
        }

        return true;
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
}
