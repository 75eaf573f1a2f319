using Akka.Actor;
using Akka.Remote;

namespace Failover.RemoteFuzz;

/// <summary>The kinds of attack. Each takes one connection, does its harm within a few seconds and leaves.</summary>
internal static class Attacks
{
    public static IReadOnlyList<(string Name, Func<Attacker, AttackPlan, Task> Run)> All { get; } =
    [
        ("random bytes", (it, plan) => it.SendAsync(plan.Bytes(1, 4_000))),
        ("impossible length", (it, plan) => it.SendAsync(Framed(plan.Bytes(0, 64), plan.OddLength()))),
        ("first frame cut short", (it, plan) => it.SendAsync(plan.Cut(it.Hello(Lane.Control, plan.Self, plan.Uid)))),
        ("another version", AnotherVersion),
        (
            "mutated introduction",
            (it, plan) => it.SendAsync(plan.Mutated(it.Hello(plan.Lane, plan.PeerAddress, plan.PeerUid)))
        ),
        ("made-up address", (it, plan) => it.SendAsync(it.Hello(plan.Lane, plan.MadeUpAddress(), plan.Uid))),
        ("made-up uid of the peer", (it, plan) => it.SendAsync(it.Hello(plan.Lane, plan.PeerAddress, plan.Number()))),
        ("the peer's introduction, garbage", ReplayedIntroduction),
        ("connects and leaves", static (_, _) => Task.CompletedTask),
        ("connects and is silent", static (it, _) => it.ListenAsync(1, 1_000)),
        ("byte at a time", ByteAtATime),
        ("never reads", NeverReads),
        ("frame cut short", FrameCutShort),
        ("unknown frames", UnknownFrames),
        ("unknown serializers", (it, plan) => Messages(it, plan, () => (plan.Number(), plan.Text()))),
        ("unknown manifests", (it, plan) => Messages(it, plan, () => (plan.Known().Serializer, plan.Text()))),
        ("garbage of known manifests", (it, plan) => Messages(it, plan, plan.Known)),
        ("forged system messages", SystemMessages),
        ("recorded traffic", (it, plan) => Replay(it, plan, static frame => frame)),
        ("mutated recorded traffic", (it, plan) => Replay(it, plan, plan.Mutated)),
    ];

    private static async Task AnotherVersion(Attacker it, AttackPlan plan)
    {
        var hello = it.Hello(plan.Lane, plan.Self, plan.Uid);
        hello[9] = (byte)plan.Number();
        await it.SendAsync(hello).ConfigureAwait(false);
        await it.ListenAsync(1).ConfigureAwait(false);
    }

    private static async Task ReplayedIntroduction(Attacker it, AttackPlan plan)
    {
        await it.SayHelloAsync(plan.Lane, plan.Peer).ConfigureAwait(false);
        await it.SendAsync(Framed([200, .. plan.Bytes(1, 200)])).ConfigureAwait(false);
        await it.ListenAsync(1_000_000).ConfigureAwait(false);
    }

    private static async Task ByteAtATime(Attacker it, AttackPlan plan)
    {
        await it.SendSlowlyAsync(it.Hello(Lane.Messages, plan.Self, plan.Uid)).ConfigureAwait(false);
        await it.ListenAsync(1).ConfigureAwait(false);
        await it.SendSlowlyAsync(plan.Recorded(Lane.Messages).Frames[0]).ConfigureAwait(false);
    }

    private static async Task NeverReads(Attacker it, AttackPlan plan)
    {
        await it.SayHelloAsync(Lane.Control, plan.Foreign).ConfigureAwait(false);
        var heartbeats = Enumerable
            .Repeat(Framed([(byte)FrameKind.Heartbeat]), 1_000)
            .SelectMany(each => each)
            .ToArray();
        for (var i = 0; i < 100; i++)
            await it.SendAsync(heartbeats).WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
    }

    private static async Task FrameCutShort(Attacker it, AttackPlan plan)
    {
        await it.SayHelloAsync(plan.Lane, plan.Foreign).ConfigureAwait(false);
        await it.SendAsync(plan.Cut(plan.Recorded(Lane.Messages).Frames[0])).ConfigureAwait(false);
    }

    private static async Task UnknownFrames(Attacker it, AttackPlan plan)
    {
        await it.SayHelloAsync(plan.Lane, plan.Foreign).ConfigureAwait(false);
        await it.SendAsync(Framed(plan.Bytes(1, 200))).ConfigureAwait(false);
        await it.ListenAsync(1_000_000).ConfigureAwait(false);
    }

    private static async Task Messages(Attacker it, AttackPlan plan, Func<(int Serializer, string Manifest)> what)
    {
        await it.SayHelloAsync(plan.Lane, plan.Foreign).ConfigureAwait(false);
        for (var i = 0; i < 50; i++)
        {
            var (serializer, manifest) = what();
            var frames = new FrameWriter();
            frames.Begin(FrameKind.Message);
            frames.Byte((byte)ReferenceKind.Path);
            frames.String(plan.SinkPath);
            frames.Byte((byte)ReferenceKind.None);
            frames.Varint((uint)serializer);
            frames.Varint(0);
            frames.String(manifest);
            frames.Bytes(plan.Bytes(0, 300));
            frames.End();
            await it.SendAsync(frames.Written).ConfigureAwait(false);
        }
    }

    private static async Task SystemMessages(Attacker it, AttackPlan plan)
    {
        await it.SayHelloAsync(Lane.Control, plan.Foreign).ConfigureAwait(false);
        for (var i = 0; i < 20; i++)
        {
            var frames = new FrameWriter();
            frames.Begin(FrameKind.SystemMessage);
            frames.Varint((ulong)plan.Below(30));
            frames.Byte((byte)plan.Below(5));
            frames.String(plan.SinkPath + plan.Below(10));
            frames.String($"{plan.ForeignAddress}/user/watcher{plan.Below(10)}");
            frames.Byte((byte)plan.Number());
            frames.End();
            await it.SendAsync(frames.Written).ConfigureAwait(false);
        }

        await it.ListenAsync(1_000_000, 100).ConfigureAwait(false);
    }

    private static async Task Replay(Attacker it, AttackPlan plan, Func<byte[], byte[]> change)
    {
        var recording = plan.Recorded(plan.Lane);
        await it.SayHelloAsync(recording.Lane, plan.Foreign).ConfigureAwait(false);
        foreach (var frame in recording.Frames)
            await it.SendAsync(change(frame)).ConfigureAwait(false);
        await it.ListenAsync(1_000_000, 50).ConfigureAwait(false);
    }

    private static byte[] Framed(byte[] content, int? length = null) =>
        [.. BitConverter.GetBytes(length ?? content.Length), .. content];
}
