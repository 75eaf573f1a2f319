using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;

namespace Failover.Bench.Engine.Remote;

/// <summary>Another process: an actor system to talk to, and a plain TCP echo, the floor under all of it.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process, int port, int echoPort)
    {
        _process = process;
        Port = port;
        EchoPort = echoPort;
    }

    /// <summary>Where its actor system listens.</summary>
    public int Port { get; }

    public int EchoPort { get; }

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

    public static async Task<PeerProcess> Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "serve" },
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
        var line = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false);
        return line?.Split(' ') is [var port, var echo]
            ? new PeerProcess(process, int.Parse(port, null), int.Parse(echo, null))
            : throw new InvalidOperationException("the other process has ended");
    }

    /// <summary>The other process's main program: prints its ports, then serves until its input ends.</summary>
    public static async Task<int> Serve()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = ServeEcho(listener);
        var system = ActorSystem.Create("peer", Settings);
        system.ActorOf(Props.Create(() => new Echo()), "echo");
        system.ActorOf(Props.Create(() => new Sink()), "sink");
        system.ActorOf(Props.Create(() => new Meter()), "meter");

        var port = ((ExtendedActorSystem)system).Provider.DefaultAddress.Port!.Value;
        Console.WriteLine($"{port} {((IPEndPoint)listener.LocalEndpoint).Port}");
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is not null) { }
        await system.Terminate().ConfigureAwait(false);
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
