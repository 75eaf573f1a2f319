namespace Failover.Client;

/// <summary>The user's wish to end: the first time in good order, the second time at once.</summary>
/// <remarks>Safe to signal from any thread; <see cref="Reset"/> only while nothing listens.</remarks>
internal sealed class Interruption : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _requested = new();
    private CancellationTokenSource _insisted = new();

    public CancellationToken Requested => _requested.Token;

    public CancellationToken Insisted => _insisted.Token;

    public void Signal()
    {
        CancellationTokenSource source;
        lock (_lock)
            source = _requested.IsCancellationRequested ? _insisted : _requested;
        source.Cancel();
    }

    /// <summary>Begins anew, for the next command of the console.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            if (!_requested.IsCancellationRequested)
                return;
            Dispose();
            _requested = new CancellationTokenSource();
            _insisted = new CancellationTokenSource();
        }
    }

    public void Dispose()
    {
        _requested.Dispose();
        _insisted.Dispose();
    }
}
