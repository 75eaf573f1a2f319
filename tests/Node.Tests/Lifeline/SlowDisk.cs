using Failover.Node.Tests.Storage;

namespace Failover.Node.Tests.Lifeline;

/// <summary>Holds the first operation of a kind until a test lets it go on.</summary>
internal sealed class SlowDisk : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _goesOn = new();

    public SlowDisk(SimulatedDisk disk, string slow) =>
        disk.Before = (operation, _) =>
        {
            if (operation != slow)
                return;
            _begun.Set();
            _goesOn.Wait();
        };

    /// <summary>Waits until the operation is under way.</summary>
    public void Begun() => Assert.True(_begun.Wait(Soon));

    public void GoesOn() => _goesOn.Set();

    /// <summary>Whoever waits for the disk still may go on, and nobody else is held.</summary>
    public void Dispose() => GoesOn();
}
