using Failover.Node.Configuration;

namespace Failover.Node.Hosting;

/// <summary>What a node was started with.</summary>
internal sealed record CommandLine(string? ConfigFile, IReadOnlyList<string> Settings, bool Help)
{
    public const string Usage = """
        Usage: Failover.Node [--config FILE] [--set KEY=VALUE]…
          --config FILE      HOCON settings of this node (see hocon/app.conf and hocon/monitor.conf)
          --set KEY=VALUE    one setting, over the file's; may be repeated
        """;

    /// <exception cref="SettingsException">An argument is not known or lacks its value.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        string? file = null;
        var settings = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--config":
                    file = Value(arguments, ref i);
                    break;
                case "--set":
                    settings.Add(Value(arguments, ref i));
                    break;
                case "--help" or "-h":
                    return new CommandLine(null, [], Help: true);
                default:
                    throw new SettingsException($"unknown argument '{arguments[i]}'; try --help");
            }
        }

        return new CommandLine(file, settings, Help: false);
    }

    private static string Value(IReadOnlyList<string> arguments, ref int i) =>
        ++i < arguments.Count ? arguments[i] : throw new SettingsException($"{arguments[i - 1]} needs a value");
}
