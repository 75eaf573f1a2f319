using System.Globalization;

namespace Failover.Bench.Engine.Remote;

/// <summary>What the command line of <c>remote</c> and <c>peers</c> asks for.</summary>
internal sealed record RemoteOptions
{
    public int Runs { get; private init; } = 5;

    public double Seconds { get; private init; } = 1.5;

    /// <summary>Only rows whose name contains it; empty for all.</summary>
    public string Only { get; private init; } = "";

    /// <summary>The document that the table goes into; null for none.</summary>
    public string? Into { get; private init; }

    public static bool TryParse(ReadOnlySpan<string> arguments, out RemoteOptions options)
    {
        options = new RemoteOptions();
        for (var at = 0; at < arguments.Length; at += 2)
        {
            if (at + 1 == arguments.Length)
                return false;
            var value = arguments[at + 1];
            switch (arguments[at])
            {
                case "--runs" when int.TryParse(value, out var runs) && runs > 0:
                    options = options with { Runs = runs };
                    break;
                case "--seconds"
                    when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    options = options with { Seconds = seconds };
                    break;
                case "--only":
                    options = options with { Only = value };
                    break;
                case "--into":
                    options = options with { Into = value };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
