using Akka.Remote;

namespace Akka.Embedded.Internals.Tests.Remote;

public sealed class FrameBufferStories
{
    private const int LargestFrame = 3_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Cuts_frames_of_all_sizes_out_of_pieces_of_all_sizes(int seed)
    {
        var random = new Random(seed);
        var frames = Enumerable.Range(0, 300).Select(_ => Frame(random)).ToList();
        var buffer = new FrameBuffer(new Pieces(Written(frames), random), Handshake.LargestFrame);
        buffer.Admit(LargestFrame);

        foreach (var expected in frames)
        {
            byte[]? read;
            while ((read = Next(buffer)) is null)
                Assert.True(await buffer.FillAsync(CancellationToken.None));
            Assert.Equal(expected, read);
        }

        Assert.False(await buffer.FillAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Reads_more_at_a_time_on_a_connection_where_much_comes()
    {
        var pieces = new Pieces(new byte[2_000_000], random: null);
        var buffer = new FrameBuffer(pieces, Handshake.LargestFrame);

        Assert.True(await buffer.FillAsync(CancellationToken.None));
        Assert.InRange(pieces.LargestWanted, 1, 1024);

        var frames = new Pieces(Written([.. Enumerable.Repeat(new byte[100], 5_000)]), random: null);
        buffer = new FrameBuffer(frames, Handshake.LargestFrame);
        buffer.Admit(LargestFrame);
        Assert.True(await buffer.FillAsync(CancellationToken.None));
        Assert.InRange(frames.LargestWanted, 1024, 8 * 1024);
        do
        {
            while (Next(buffer) is not null) { }
        } while (await buffer.FillAsync(CancellationToken.None));
        Assert.InRange(frames.LargestWanted, 60_000, 64 * 1024);
    }

    private static byte[] Frame(Random random)
    {
        var bytes = new byte[random.Next(20) == 0 ? random.Next(1, LargestFrame) : random.Next(1, 500)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Written(List<byte[]> frames)
    {
        using var all = new MemoryStream();
        foreach (var frame in frames)
        {
            all.Write(BitConverter.GetBytes(frame.Length));
            all.Write(frame);
        }

        return all.ToArray();
    }

    private static byte[]? Next(FrameBuffer buffer) => buffer.TryRead(out var frame) ? frame.ToArray() : null;

    /// <summary>Gives what it has in pieces; in pieces as large as wanted without <paramref name="random"/>.</summary>
    private sealed class Pieces(byte[] all, Random? random) : MemoryStream(all)
    {
        public int LargestWanted { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            LargestWanted = Math.Max(LargestWanted, buffer.Length);
            var most = random is null ? buffer.Length : Math.Min(buffer.Length, random.Next(1, 200_000));
            return base.ReadAsync(buffer[..most], cancellationToken);
        }
    }
}
