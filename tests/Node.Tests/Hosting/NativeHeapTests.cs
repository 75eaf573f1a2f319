using System.Runtime.InteropServices;
using Failover.Node.Hosting;

namespace Failover.Node.Tests.Hosting;

public sealed class NativeHeapTests
{
    private const int Block = 1024;
    private const int Blocks = 128 * 1024;

    [Fact]
    public void What_native_code_has_freed_goes_back_to_the_system()
    {
        // Without glibc there is nothing to be called.
        if (NativeHeap.Trimmer() is not { } trim)
            return;
        var blocks = new nint[Blocks];
        for (var i = 0; i < Blocks; i++)
        {
            blocks[i] = Marshal.AllocHGlobal(Block);
            Marshal.WriteByte(blocks[i], 1);
        }
        // The last one stays in use, so that what lies before it is not the heap's end.
        foreach (var block in blocks.AsSpan(..^1))
            Marshal.FreeHGlobal(block);
        var before = Environment.WorkingSet;

        trim();

        var given = before - Environment.WorkingSet;
        Marshal.FreeHGlobal(blocks[^1]);
        Assert.True(given > Blocks * (Block / 2), $"{given} bytes were given back");
    }
}
