using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Akka.Embedded.Usage.Tests;

public sealed class UsageTests
{
    /// <summary>
    /// No member of the engine is public for completeness. What begins like a line of <c>kept-for-the-engine.txt</c> is
    /// public all the same, mostly because C# wants the members of a public interface to be so.
    /// </summary>
    [Fact]
    public void Every_public_member_of_the_engine_is_used_by_the_product_or_by_a_test()
    {
        using var files = new Assemblies();
        var surface = new EngineSurface(files.Engine);
        var settings = new StringBuilder(Assemblies.EngineSettings());
        foreach (var user in files.Users)
        {
            surface.AddUser(user);
            AppendStrings(user, settings);
        }

        var unused = surface.Unused(settings.ToString()).ToList();

        Assert.True(surface.Count > 100, "the engine's assemblies were not read");
        File.WriteAllLines(Path.Combine(AppContext.BaseDirectory, "unused.actual.txt"), unused);
        var kept = Kept().ToList();
        var strangers = unused.Where(member => !kept.Exists(each => member.StartsWith(each, StringComparison.Ordinal)));
        Assert.Equal([], strangers);
    }

    private static IEnumerable<string> Kept() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "kept-for-the-engine.txt"))
            .Where(static line => line.Length > 0 && !line.StartsWith('#'));

    private static void AppendStrings(MetadataReader reader, StringBuilder text)
    {
        var handle = reader.GetNextHandle(MetadataTokens.UserStringHandle(0));
        for (; !handle.IsNil; handle = reader.GetNextHandle(handle))
            text.AppendLine(reader.GetUserString(handle));
    }

    /// <summary>The built assemblies; the project file says where they are.</summary>
    private sealed class Assemblies : IDisposable
    {
        private readonly List<PEReader> _open = [];

        public Assemblies()
        {
            Engine = [.. Paths("Engine").Select(Open)];
            Users = [.. Paths("User").Select(Open)];
        }

        public IReadOnlyList<MetadataReader> Engine { get; }

        public IReadOnlyList<MetadataReader> Users { get; }

        /// <summary>The engine's reference configurations, which name classes.</summary>
        public static string EngineSettings() =>
            string.Concat(
                Paths("Engine")
                    .Select(Assembly.LoadFrom)
                    .SelectMany(assembly =>
                        assembly
                            .GetManifestResourceNames()
                            .Select(name => new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd())
                    )
            );

        public void Dispose() => _open.ForEach(static file => file.Dispose());

        private MetadataReader Open(string path)
        {
            var file = new PEReader(File.OpenRead(path));
            _open.Add(file);
            return file.GetMetadataReader();
        }

        /// <summary>The assemblies of the projects that the project file lists as <paramref name="kind"/>.</summary>
        private static IEnumerable<string> Paths(string kind)
        {
            var metadata = typeof(UsageTests)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .ToDictionary(static each => each.Key, static each => each.Value!);
            return metadata
                .Where(each => each.Value == kind)
                .Select(each => Built(Path.Combine(metadata["Root"], each.Key), metadata["Output"]));
        }

        /// <summary>Node's assembly is Failover.Node.dll: the project's name, or one that ends with it after a dot.</summary>
        private static string Built(string project, string output)
        {
            var folder = Path.Combine(Path.GetDirectoryName(project)!, output);
            var name = $"{Path.GetFileNameWithoutExtension(project)}.dll";
            return Directory
                    .GetFiles(folder, $"*{name}")
                    .OrderBy(static path => path.Length)
                    .FirstOrDefault(path =>
                        Path.GetFileName(path) == name || path.EndsWith($".{name}", StringComparison.Ordinal)
                    )
                ?? throw new FileNotFoundException($"{project} has not been built in {folder}");
        }
    }
}
