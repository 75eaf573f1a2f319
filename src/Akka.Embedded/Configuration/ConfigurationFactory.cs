using System.Reflection;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>Where a <see cref="Config"/> comes from: text, or a resource of an assembly.</summary>
public class ConfigurationFactory
{
    private static readonly Lazy<Config> Reference = new(ReadReference);

    internal static Config Empty => Config.Empty;

    /// <param name="hocon">The configuration's text.</param>
    /// <param name="includeCallback">
    /// Is given what stands behind <c>include</c> and returns what it holds; null leaves that file out,
    /// unless it is <c>required(…)</c>.
    /// </param>
    /// <exception cref="ConfigurationException">The text is no HOCON; names the line and column.</exception>
    public static Config ParseString(string hocon, Func<string, HoconRoot?>? includeCallback) =>
        Parse(hocon, "string", includeCallback);

    /// <inheritdoc cref="ParseString(string, Func{string, HoconRoot})"/>
    public static Config ParseString(string hocon) => ParseString(hocon, includeCallback: null);

    /// <summary>The engine's own settings, which every actor system falls back on.</summary>
    internal static Config Default() => Reference.Value;

    public static Config FromResource<TAssembly>(string resourceName) =>
        FromResource(resourceName, typeof(TAssembly).Assembly);

    /// <exception cref="ConfigurationException">The assembly holds no such resource; names those it holds.</exception>
    internal static Config FromResource(string resourceName, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var stream =
            assembly.GetManifestResourceStream(resourceName)
            ?? throw new ConfigurationException(
                $"{assembly.GetName().Name} has no resource {resourceName}; it has: "
                    + string.Join(", ", assembly.GetManifestResourceNames())
            );
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd(), $"resource {resourceName}", includeCallback: null);
    }

    internal static Config Parse(string hocon, string origin, Func<string, HoconRoot?>? includeCallback)
    {
        ArgumentNullException.ThrowIfNull(hocon);
        var syntax = new HoconParser(hocon, origin, includeCallback).ParseDocument();
        var root = new HoconResolver(syntax, Environment.GetEnvironmentVariable).Resolve();
        return new Config(new HoconRoot(root));
    }

    /// <summary>Each area of the engine keeps its defaults beside its code, as an embedded <c>*.conf</c>.</summary>
    private static Config ReadReference()
    {
        var assembly = typeof(ConfigurationFactory).Assembly;
        return assembly
            .GetManifestResourceNames()
            .Where(name => name.EndsWith(".conf", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Aggregate(Config.Empty, (config, name) => config.WithFallback(FromResource(name, assembly)));
    }
}
