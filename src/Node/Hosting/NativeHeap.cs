using System.Runtime.InteropServices;

namespace Failover.Node.Hosting;

/// <summary>Gives back to the system what native code has freed.</summary>
/// <remarks>
/// The runtime's compiler takes and frees some MB for each burst of work, on several threads, and glibc keeps what lies
/// between blocks still in use: 2 MB of a node that has just started, 6 to 10 MB after ten minutes.
/// </remarks>
internal static class NativeHeap
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <returns>What ends it; null where there is nothing to trim with.</returns>
    public static ITimer? KeepTrimmed(TimeProvider time) =>
        Trimmer() is { } trim ? time.CreateTimer(_ => trim(), null, Every, Every) : null;

    /// <returns>What gives back; null where the C library has no such function.</returns>
    internal static unsafe Action? Trimmer()
    {
        if (!NativeLibrary.TryLoad("libc.so.6", out var library))
            return null;
        if (!NativeLibrary.TryGetExport(library, "malloc_trim", out var function))
            return null;
        return () => ((delegate* unmanaged<nuint, int>)function)(0);
    }
}
