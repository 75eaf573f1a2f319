using Failover.Client.Interactive;

namespace Failover.Client.Pbm;

/// <summary>An interactive session at a node's inspection port.</summary>
internal sealed class PbmConsole(
    PbmConnection connection,
    PbmAddress address,
    IReadOnlyList<PbmOffer> offers,
    Surroundings surroundings
)
{
    private static readonly string[] OwnCommands = ["exit", "help"];

    /// <summary>What pbm says when a session begins; scripts wait for it.</summary>
    public static IReadOnlyList<string> Banner(PbmConnection connection) =>
        [
            $"successfully connected to [{connection.Remote.Address.MapToIPv6()}]:{connection.Remote.Port}",
            "Commands downloaded from server. type `help` to see what's available",
        ];

    public async Task<int> RunAsync()
    {
        foreach (var line in Banner(connection))
            surroundings.Out.WriteLine(line);
        var reader = new LineReader($"[{address}] pbm> ", surroundings.IsStyled, Complete);
        while (reader.Read() is { } line)
        {
            if (!await ExecuteAsync(line))
                break;
        }

        return ExitCode.Done;
    }

    /// <returns>False when the user leaves.</returns>
    /// <exception cref="CommandException">The server went away, so the session is over.</exception>
    public async Task<bool> ExecuteAsync(string line)
    {
        switch (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            case []:
                return true;
            case ["exit" or "quit"]:
                return false;
            case ["help", .. var about]:
                Help(about);
                return true;
            case var words:
                await AskAsync(string.Join(' ', words));
                return true;
        }
    }

    /// <summary>What may stand at the end of a typed line, from what the server offers.</summary>
    public IReadOnlyList<string> Complete(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var begun = words.Length > 0 && !char.IsWhiteSpace(line[^1]) ? words[^1] : "";
        var before = begun.Length > 0 ? words[..^1] : words;
        var known = before switch
        {
            [] => Palettes().Concat(OwnCommands),
            ["help"] => Palettes(),
            [var palette] => offers.Where(offer => offer.Palette == palette).Select(offer => offer.Name),
            _ => [],
        };
        return [.. known.Where(word => word.StartsWith(begun, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The commands, one a line, with what they do in a column.</summary>
    public static IEnumerable<string> Describe(IReadOnlyCollection<PbmOffer> offers)
    {
        var width = offers.Select(offer => Usage(offer).Length).DefaultIfEmpty(0).Max();
        return offers.Select(offer => $"{Usage(offer).PadRight(width)}  {offer.Description}");
    }

    private static string Usage(PbmOffer offer) => $"{offer.Palette} {offer.Name} {offer.Parameters}".TrimEnd();

    private IEnumerable<string> Palettes() => offers.Select(offer => offer.Palette).Distinct();

    private void Help(string[] about)
    {
        var wanted = offers.Where(offer => about.Length == 0 || offer.Palette == about[0]).ToArray();
        if (wanted.Length == 0)
        {
            surroundings.Error.WriteLine($"there is no palette '{about[0]}'");
            return;
        }

        foreach (var line in Describe(wanted))
            surroundings.Out.WriteLine(line);
        if (about.Length == 0)
            surroundings.Out.WriteLine("Tab completes, Ctrl+C ends a tail, `exit` leaves");
    }

    private async Task AskAsync(string request)
    {
        surroundings.Interruption.Reset();
        try
        {
            await connection.AskAsync(request, surroundings.Out.WriteLine, surroundings.Interruption.Requested);
        }
        catch (PbmRefusedException refused)
        {
            await surroundings.Error.WriteLineAsync(refused.Message);
        }
    }
}
