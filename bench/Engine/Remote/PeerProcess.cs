using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;

namespace Failover.Bench.Engine.Remote;

/// <summary>The other process: some actor systems to talk to, and a plain TCP echo, the floor under all of them.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process, int echoPort, IReadOnlyList<int> ports)
    {
        _process = process;
        EchoPort = echoPort;
        Ports = ports;
    }

    public int EchoPort { get; }

    /// <summary>Where each of its actor systems listens.</summary>
    public IReadOnlyList<int> Ports { get; }

    public static Config Settings { get; } =
        ConfigurationFactory.ParseString(
            """
            akka {
              loglevel = WARNING
              stdout-loglevel = WARNING
              actor.provider = remote
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            }
            """
        );

    public static async Task<PeerProcess> Start(int systems)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "peers", systems.ToString(null, null) },
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
        var line = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false);
        var ports = line?.Split(' ').Select(static port => int.Parse(port, null)).ToArray();
        return ports is [var echo, .. var others]
            ? new PeerProcess(process, echo, others)
            : throw new InvalidOperationException("the other process has ended");
    }

    /// <summary>The other process's main program: prints its ports, then serves until its input ends.</summary>
    public static async Task<int> Serve(int count)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = ServeEcho(listener);
        var systems = Enumerable.Range(0, count).Select(_ => ActorSystem.Create("peer", Settings)).ToArray();
        foreach (var system in systems)
        {
            system.ActorOf(Props.Create(() => new Echo()), "echo");
            system.ActorOf(Props.Create(() => new Sink()), "sink");
            system.ActorOf(Props.Create(() => new Meter()), "meter");
        }

        var ports = systems.Select(static system => ((ExtendedActorSystem)system).Provider.DefaultAddress.Port!.Value);
        Console.WriteLine(string.Join(' ', ports.Prepend(((IPEndPoint)listener.LocalEndpoint).Port)));
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is not null) { }
        await Task.WhenAll(systems.Select(static system => system.Terminate())).ConfigureAwait(false);
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static async Task ServeEcho(TcpListener listener)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync().ConfigureAwait(false);
            new Thread(() => Echo(client)) { IsBackground = true }.Start();
        }
    }

    private static void Echo(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            var buffer = new byte[64 * 1024];
            var stream = client.GetStream();
            while (stream.Read(buffer) is > 0 and var read)
                stream.Write(buffer, 0, read);
        }
    }
}
