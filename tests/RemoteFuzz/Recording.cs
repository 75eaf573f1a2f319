using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote;

namespace Failover.RemoteFuzz;

/// <summary>What a real system sent over one lane after its introduction, addressed to the victim.</summary>
internal sealed record Recording(Lane Lane, IReadOnlyList<byte[]> Frames)
{
    private const int MessagesToRecord = 40;

    /// <summary>Lets a system talk to a listener that pretends to be another one.</summary>
    public static async Task<IReadOnlyList<Recording>> MakeAsync(FuzzSystems systems)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var pretended = new Address("akka.tcp", "victim", "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        var victim = FuzzSystems.AddressOf(systems.Victim).ToString();
        var talker = systems.StartPlain("talker");
        Talk(talker, pretended);

        // The messages follow when control is open, and end when it ends: both stay open until both are recorded.
        var control = await ListenAsync(listener).ConfigureAwait(false);
        var messages = await ListenAsync(listener).ConfigureAwait(false);
        var recordings = new List<Recording>();
        foreach (var (lane, input) in new[] { control, messages })
            recordings.Add(await RecordAsync(lane, input, pretended.ToString(), victim).ConfigureAwait(false));

        listener.Stop();
        await talker.Terminate().ConfigureAwait(false);
        return recordings;
    }

    private static async Task<(Lane Lane, FrameBuffer Input)> ListenAsync(TcpListener listener)
    {
        var socket = await listener.AcceptSocketAsync().ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var input = new FrameBuffer(stream, 1 << 20);
        var lane = Handshake.ReadHello(await NextAsync(input).ConfigureAwait(false)).Lane;
        var welcome = new FrameWriter();
        Handshake.WriteWelcome(welcome, 1);
        await stream.WriteAsync(welcome.Written).ConfigureAwait(false);
        return (lane, input);
    }

    private static void Talk(ActorSystem talker, Address to)
    {
        var provider = ((ExtendedActorSystem)talker).Provider;
        var sink = provider.ResolveActorRef(to + "/user/sink");
        var sender = talker.ActorOf(Props.Create(() => new Watcher(sink)), "watcher");
        object[] messages = ["a text", 17, 18L, true, 1.5, new byte[200], new Identify("who"), new Status.Success(3)];
        for (var i = 0; i < MessagesToRecord; i++)
            sink.Tell(messages[i % messages.Length], sender);
        talker.ActorSelection(to + "/user/sink").Tell("by selection", sender);
        talker.ActorSelection(to + "/user/s*").Tell(sender, sender);
    }

    private static async Task<Recording> RecordAsync(Lane lane, FrameBuffer input, string pretended, string victim)
    {
        var frames = new List<byte[]>();
        var last = lane == Lane.Messages ? FrameKind.Message : FrameKind.SystemMessage;
        for (var left = lane == Lane.Messages ? MessagesToRecord + 2 : 1; left > 0; )
        {
            var frame = await NextAsync(input).ConfigureAwait(false);
            frames.Add(Readdressed(frame, pretended, victim));
            if ((FrameKind)frame[0] == last)
                left--;
        }

        return new Recording(lane, frames);
    }

    private static async Task<byte[]> NextAsync(FrameBuffer input)
    {
        while (true)
        {
            if (input.TryRead(out var frame))
                return frame.ToArray();
            if (!await input.FillAsync(CancellationToken.None).ConfigureAwait(false))
                throw new IOException("The system that is recorded has hung up");
        }
    }

    /// <summary>The frame with its length before it, and with the victim's address where the pretended one was.</summary>
    private static byte[] Readdressed(byte[] frame, string pretended, string victim)
    {
        var reader = new FrameReader(frame);
        var writer = new FrameWriter();
        var kind = (FrameKind)reader.Byte();
        writer.Begin(kind);
        switch (kind)
        {
            case FrameKind.DefinePath:
                writer.Varint(reader.Varint());
                writer.String(reader.String().Replace(pretended, victim, StringComparison.Ordinal));
                break;
            case FrameKind.SystemMessage:
                writer.Varint(reader.Varint());
                writer.Byte(reader.Byte());
                writer.String(reader.String().Replace(pretended, victim, StringComparison.Ordinal));
                writer.String(reader.String());
                break;
        }

        writer.Bytes(reader.Rest);
        writer.End();
        return writer.Written.ToArray();
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched)
        {
            Context.Watch(watched);
            ReceiveAny(static _ => { });
        }
    }
}
