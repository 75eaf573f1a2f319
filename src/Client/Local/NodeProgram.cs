using System.Reflection;
using System.Runtime.InteropServices;

namespace Failover.Client.Local;

/// <summary>The node's program on this machine: what <c>up</c> runs.</summary>
internal sealed record NodeProgram(string Dotnet, string Assembly, string Hocon)
{
    private const string FileName = "Failover.Node.dll";

    public static NodeProgram Find()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, FileName);
        var built = typeof(NodeProgram)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "NodeAssembly")
            ?.Value;
        var assembly =
            new[] { beside, built }.FirstOrDefault(File.Exists)
            ?? throw new CommandException(
                $"the node's program is neither at {beside} nor at {built}; build or publish it first"
            );
        var hocon = Path.Combine(Path.GetDirectoryName(assembly)!, "hocon");
        return Directory.Exists(hocon)
            ? new NodeProgram(FindDotnet(), assembly, hocon)
            : throw new CommandException(
                $"the node's configuration folder {hocon} is missing; build or publish the node again"
            );
    }

    /// <summary>The <c>dotnet</c> that belongs to the runtime we run on, so that both sides use the same.</summary>
    private static string FindDotnet()
    {
        // .../shared/Microsoft.NETCore.App/10.0.x/ is three levels below it.
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var dotnet = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(dotnet) ? dotnet : "dotnet";
    }
}
