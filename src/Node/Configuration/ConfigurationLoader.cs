using Akka.Configuration;

namespace Failover.Node.Configuration;

/// <summary>Puts a node's configuration together: the reference, then the file, then each <c>--set</c>.</summary>
internal static class ConfigurationLoader
{
    private static readonly Lazy<Config> LazyReference = new(() => Parse(ReadReference(), "reference.conf"));

    /// <summary>Every setting with its default, from <c>hocon/reference.conf</c>, which is part of the program.</summary>
    public static Config Reference => LazyReference.Value;

    /// <exception cref="SettingsException">The file or a setting cannot be read.</exception>
    public static Config Load(string? file, IEnumerable<string> overrides)
    {
        var config = file is null ? Reference : Parse(ReadFile(file), file).WithFallback(Reference);
        foreach (var setting in overrides)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new SettingsException($"--set takes key=value, not '{setting}'");
            config = Parse($"{setting[..equals].Trim()} = {Quote(setting[(equals + 1)..].Trim())}", $"--set {setting}")
                .WithFallback(config);
        }

        return config;
    }

    /// <summary>A bare value with characters that HOCON reserves is meant as text; lists, objects and quoted text are left alone.</summary>
    private static string Quote(string value) =>
        value.Length > 0 && (value[0] is '[' or '{' or '"' || value.IndexOfAny([':', '=', ',', '/', '\\', '#']) < 0)
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"--config {file} cannot be read: {unreadable.Message}");
        }
    }

    private static Config Parse(string text, string origin)
    {
        try
        {
            return ConfigurationFactory.ParseString(text);
        }
        catch (Exception malformed) when (malformed is ConfigurationException or FormatException)
        {
            throw new SettingsException($"{origin}: {malformed.Message}");
        }
    }

    private static string ReadReference()
    {
        using var stream = typeof(ConfigurationLoader).Assembly.GetManifestResourceStream("reference.conf")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
