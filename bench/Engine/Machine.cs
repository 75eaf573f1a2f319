using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Actor;

namespace Failover.Bench.Engine;

/// <summary>What was measured where: the line above every table.</summary>
internal static class Machine
{
    public static string Line
    {
        get
        {
            var engine = typeof(ActorSystem).Assembly.GetName();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{engine.Name} {engine.Version?.ToString(3)}, .NET {Environment.Version}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, load before the run {LoadAverage()}"
            );
        }
    }

    /// <summary>The load of the last minute: figures of a busy machine are worth less.</summary>
    private static string LoadAverage()
    {
        const string path = "/proc/loadavg";
        return File.Exists(path) ? File.ReadAllText(path).Split(' ')[0] : "unknown";
    }
}
