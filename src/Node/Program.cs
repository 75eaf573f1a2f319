using System.Runtime.InteropServices;
using Failover.Node.Configuration;
using Failover.Node.Hosting;
using Failover.Node.Http;
using Failover.Node.Storage;

// Exit codes: 0 stopped as asked · 1 could not run · 2 bad usage or settings · 3 taken out of the cluster: start it again.
using var loggers = new ConsoleLoggers(Console.OpenStandardOutput(), TimeProvider.System);
LoggingBridge.Factory = loggers;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    var commandLine = CommandLine.Parse(args);
    if (commandLine.Help)
    {
        Console.WriteLine(CommandLine.Usage);
        return 0;
    }

    var settings = NodeSettings.From(ConfigurationLoader.Load(commandLine.ConfigFile, commandLine.Settings));
    await using var node = await NodeHost.Start(settings, loggers, stop.Token);
    await using var trimming = NativeHeap.KeepTrimmed(TimeProvider.System);
    Console.WriteLine($"{settings.Node} listens on {node.Url?.ToString() ?? "no HTTP port"}, for pbm on {node.Pbm}");
    await Task.WhenAny(node.Ended, Task.Delay(Timeout.Infinite, stop.Token));
    if (stop.IsCancellationRequested)
        return 0;
    Console.Error.WriteLine(
        node.Ending switch
        {
            Ending.Left => $"{settings.Node} has left the cluster, as it was told",
            Ending.Removed => $"error: {settings.Node} was taken out of the cluster; start it again to join anew",
            _ => $"error: {settings.Node} has ended by itself; its log says why",
        }
    );
    return node.Ending switch
    {
        Ending.Left => 0,
        Ending.Removed => 3,
        _ => 1,
    };
}
catch (SettingsException wrong)
{
    Console.Error.WriteLine($"error: {wrong.Message}");
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception failed) when (failed is HttpBindException or StorageException or DataDirectoryException or IOException)
{
    Console.Error.WriteLine($"error: {failed.Message}");
    return 1;
}
catch (Exception unexpected)
{
    // An operator needs the line, not the stack; the type tells a developer where to look.
    Console.Error.WriteLine($"error: the node cannot run: {unexpected.GetType().Name}: {unexpected.Message}");
    return 1;
}
