using System.Collections.Immutable;

namespace Failover.Node.Pbm;

/// <summary>All commands of a node, by palette and name.</summary>
internal sealed class PbmPalettes(ImmutableArray<PbmCommand> commands)
{
    /// <summary>The request that clients learn the commands from.</summary>
    public const string Listing = "palettes";

    /// <summary>One command a line: palette, name, parameters and description, with tabs between them.</summary>
    public IEnumerable<string> List() =>
        commands.Select(c => $"{c.Palette}\t{c.Name}\t{c.Parameters}\t{c.Description}");

    /// <exception cref="PbmRefusal">There is no such command.</exception>
    public PbmCommand Find(ReadOnlySpan<string> words)
    {
        var (palette, name) = (words[0], words.Length > 1 ? words[1] : null);
        foreach (var command in commands)
        {
            if (command.Palette == palette && command.Name == name)
                return command;
        }

        var known = string.Join(", ", commands.Where(c => c.Palette == palette).Select(c => c.Name));
        if (known.Length == 0)
            throw new PbmRefusal($"there is no palette '{palette}'; there are {Names()}");
        throw new PbmRefusal(
            name is null
                ? $"'{palette}' needs a command: {known}"
                : $"palette '{palette}' has no command '{name}'; it has {known}"
        );
    }

    private string Names() => string.Join(", ", commands.Select(c => c.Palette).Distinct());
}
