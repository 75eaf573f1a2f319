using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Remote;

/// <summary>One queue towards one system, the connection that carries it, and whoever is writing just now.</summary>
/// <remarks>
/// Sending serializes on the sender's thread and queues. Whoever finds no writer at work starts one on the thread pool:
/// there is no timer, and everything queued meanwhile goes out in one call of the kernel. At most one writer runs, and
/// only it touches the connection's encoder.
/// </remarks>
internal sealed partial class OutboundLane : IThreadPoolWorkItem
{
    private const int BatchSize = 64 * 1024;

    private readonly MpscQueue<Outgoing> _queue = new();
    private readonly Association _association;
    private readonly Remoting _remoting;
    private readonly Lane _lane;
    private readonly LogBudget _overflow = new(1, TimeSpan.FromSeconds(10));
    private volatile OutboundConnection? _connection;
    private volatile bool _closed;
    private volatile bool _heartbeat;
    private long _queuedBytes;
    private int _writing;
    private TaskCompletionSource? _flushed;

    public OutboundLane(Association association, Lane lane)
    {
        _association = association;
        _remoting = association.Remoting;
        _lane = lane;
    }

    public bool HasWork => !_queue.IsEmpty || _heartbeat || (_lane == Lane.Control && HasSystemMessages);

    private bool HasSystemMessages => _association.SystemMessageAfter(_connection?.LastSystemMessage ?? 0) is not null;

    public void Send(RemoteActorRef recipient, object message, IActorRef? sender)
    {
        if (_closed || (_connection is null && _association.Gate.IsClosed))
        {
            _association.Undeliverable(recipient, message, sender);
            return;
        }

        if (!Outgoing.TrySerialize(_remoting, recipient, message, sender, out var outgoing))
            return;
        var queued = Interlocked.Add(ref _queuedBytes, outgoing.Size);
        if (queued > _remoting.Settings.QueueLimit)
        {
            Interlocked.Add(ref _queuedBytes, -outgoing.Size);
            Overflow(recipient, message, sender);
            return;
        }

        _queue.Enqueue(in outgoing);
        if (_lane == Lane.Messages)
        {
            Remember(sender);
            Wake();
        }
        else
        {
            WriteHere();
        }
    }

    public void SendHeartbeat()
    {
        _heartbeat = true;
        if (!_association.Gate.IsClosed)
            WakeFenced();
    }

    /// <summary>As <see cref="Wake"/>, after something that was no interlocked instruction.</summary>
    public void WakeFenced()
    {
        Interlocked.MemoryBarrier();
        Wake();
    }

    /// <summary>Sees to it that somebody writes; called after an interlocked instruction that queued something.</summary>
    public void Wake()
    {
        // Either this sees the writer gone, or the writer, looking once more after it went, sees what was queued.
        if (Volatile.Read(ref _writing) != 0 || Interlocked.Exchange(ref _writing, 1) != 0)
            return;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>
    /// As <see cref="Wake"/>, on the caller's thread if there is a connection. Control messages are few, small and not part of
    /// a stream that a batch would help; handing one over costs the pool two or three threads' waking.
    /// </summary>
    private void WriteHere()
    {
        if (_connection is null)
            Wake();
        else if (Volatile.Read(ref _writing) == 0 && Interlocked.Exchange(ref _writing, 1) == 0)
            Execute();
    }

    public void Execute() => _remoting.Track(WriteAsync());

    /// <summary>Ends the connection, if there is one; what is sent from now on goes over a new one.</summary>
    public void Disconnect()
    {
        if (_connection is { } connection)
            Lost(connection);
    }

    /// <summary>Whether there is a connection, after an attempt to make one unless it is too early for that.</summary>
    public async Task<bool> EnsureConnectedAsync()
    {
        if (_connection is null && !_association.Gate.IsClosed)
        {
            _heartbeat = true;
            await FlushAsync().ConfigureAwait(false);
        }

        return _connection is not null;
    }

    /// <summary>Completes once all that is queued now is written, or cannot be.</summary>
    public Task FlushAsync()
    {
        if (_connection is null && !HasWork)
            return Task.CompletedTask;
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flushed = Interlocked.CompareExchange(ref _flushed, flushed, null) ?? flushed;
        Wake();
        return flushed.Task;
    }

    public void Close()
    {
        _closed = true;
        _connection?.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (HasWork && !_closed)
            {
                if (_association.IsQuarantined)
                {
                    DropQueued();
                    break;
                }

                var connection = _connection ?? await ConnectAsync().ConfigureAwait(false);
                if (connection is null)
                    break;
                await WriteBatchesAsync(connection).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Exchange(ref _flushed, null)?.TrySetResult();
            Interlocked.Exchange(ref _writing, 0);
            if (Volatile.Read(ref _flushed) is not null || (MayWrite && HasWork))
                Wake();
        }
    }

    private bool MayWrite => !_closed && !_association.Gate.IsClosed && !_association.IsQuarantined;

    private async Task WriteBatchesAsync(OutboundConnection connection)
    {
        try
        {
            while (FillBatch(connection))
                await connection.SendAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The reading side of the connection sees the same and reports it.
            Lost(connection);
        }
    }

    private bool FillBatch(OutboundConnection connection)
    {
        if (_lane == Lane.Control)
        {
            connection.EncodeSystemMessages();
            if (_heartbeat)
            {
                _heartbeat = false;
                connection.EncodeHeartbeat();
            }
        }

        while (connection.Pending < BatchSize && _queue.TryDequeue(out var outgoing))
        {
            Interlocked.Add(ref _queuedBytes, -outgoing.Size);
            if (outgoing.Fence != 0)
                connection.EncodeFence(outgoing.Fence);
            else
                connection.Encode(in outgoing);
        }

        return connection.Pending > 0;
    }

    private async Task<OutboundConnection?> ConnectAsync()
    {
        try
        {
            if (!await _association.IsOpenForAsync(_lane).ConfigureAwait(false))
            {
                DropQueued();
                return null;
            }

            var connection = await OutboundConnection.OpenAsync(_association, _lane).ConfigureAwait(false);
            _connection = connection;
            _association.Connected(_lane);
            _remoting.Track(ReadAsync(connection));
            return connection;
        }
        catch (RemoteTransportException e)
        {
            DropQueued();
            if (!_closed)
                _association.CannotConnect(e);
            return null;
        }
    }

    private async Task ReadAsync(OutboundConnection connection)
    {
        try
        {
            await connection.ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It broke, or this side closed it: both are the loss that is reported below.
        }
        catch (ProtocolException e)
        {
            _remoting.System.Log.Warning("Closing the connection to {0}: {1}", _association.Address, e.Message);
        }

        Lost(connection);
    }

    private void Lost(OutboundConnection connection)
    {
        connection.Dispose();
        // Writer and reader both come here; the first reports.
        if (Interlocked.CompareExchange(ref _connection, null, connection) == connection && !_closed)
            _association.LostConnection(_lane);
    }

    private void DropQueued()
    {
        _heartbeat = false;
        while (_queue.TryDequeue(out var outgoing))
        {
            Interlocked.Add(ref _queuedBytes, -outgoing.Size);
            if (outgoing.Fence == 0)
                _association.Undeliverable(outgoing.Recipient, outgoing.Message, outgoing.Sender);
        }

        if (_lane == Lane.Messages)
            _association.FencePassed(long.MaxValue);
    }

    private void Overflow(RemoteActorRef recipient, object message, IActorRef? sender)
    {
        if (_overflow.Spend(out var note))
        {
            _remoting.System.Log.Warning(
                "The queue to {0} is full ({1} bytes): messages are dropped{2}",
                _association.Address,
                _remoting.Settings.QueueLimit,
                note
            );
        }

        _remoting.Drop(recipient, message, sender, $"more than {_remoting.Settings.QueueLimit} bytes are queued");
    }
}
