using System.Diagnostics;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>The queue towards one system, the connection that carries it, and whoever is writing just now.</summary>
/// <remarks>
/// Sending serializes on the sender's thread and queues. Whoever finds no writer at work starts one on the thread pool:
/// there is no timer, and everything queued meanwhile goes out in one call of the kernel. At most one writer runs, and
/// only it touches the connection's encoder.
/// </remarks>
internal sealed class OutboundLane : IThreadPoolWorkItem
{
    private const int BatchSize = 64 * 1024;

    private readonly MpscQueue<Outgoing> _queue = new();
    private readonly Association _association;
    private readonly Remoting _remoting;
    private readonly OverflowLog _overflow;
    private volatile OutboundConnection? _connection;
    private volatile bool _closed;
    private volatile bool _heartbeat;
    private volatile int _failures;
    private long _pausedUntil;
    private long _queuedBytes;
    private int _writing;
    private TaskCompletionSource? _flushed;

    public OutboundLane(Association association)
    {
        _association = association;
        _remoting = association.Remoting;
        _overflow = new OverflowLog(_remoting.System.Log, association.Address);
    }

    private bool IsPaused => Volatile.Read(ref _pausedUntil) is var until and not 0 && Stopwatch.GetTimestamp() < until;

    private bool HasWork =>
        !_queue.IsEmpty
        || _heartbeat
        || (
            _connection is { } connection
                ? connection.HasSystemMessages
                : _association.SystemMessagesAfter(0).Length > 0
        );

    public void Send(RemoteActorRef recipient, object message, IActorRef? sender)
    {
        if (_closed || (_connection is null && IsPaused))
        {
            _association.Undeliverable(recipient, message, sender);
            return;
        }

        if (!TrySerialize(recipient, message, sender, out var outgoing))
            return;
        var queued = Interlocked.Add(ref _queuedBytes, outgoing.Size);
        if (queued > _remoting.Settings.QueueLimit)
        {
            Interlocked.Add(ref _queuedBytes, -outgoing.Size);
            _overflow.Count();
            _remoting.Drop(recipient, message, sender, $"more than {_remoting.Settings.QueueLimit} bytes are queued");
            return;
        }

        _queue.Enqueue(in outgoing);
        Wake();
    }

    public void SendHeartbeat()
    {
        _heartbeat = true;
        if (!IsPaused)
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

    public void Execute() => _remoting.Track(WriteAsync());

    public void EndPause()
    {
        if (Interlocked.Exchange(ref _pausedUntil, 0) != 0 && _association.IsNeeded)
            WakeFenced();
        _failures = 0;
    }

    public void Disconnect() => _connection?.Dispose();

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
            if (!_closed && !IsPaused && !_association.IsQuarantined && HasWork)
                Wake();
        }
    }

    private async Task WriteBatchesAsync(OutboundConnection connection)
    {
        try
        {
            while (FillBatch(connection))
                await connection.SendAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // The reading side of the connection sees the same and reports it.
            Lost(connection, e);
        }
    }

    private bool FillBatch(OutboundConnection connection)
    {
        connection.EncodeSystemMessages();
        if (_heartbeat)
        {
            _heartbeat = false;
            connection.EncodeHeartbeat();
        }

        while (connection.Pending < BatchSize && _queue.TryDequeue(out var outgoing))
        {
            Interlocked.Add(ref _queuedBytes, -outgoing.Size);
            connection.Encode(in outgoing);
        }

        return connection.Pending > 0;
    }

    private async Task<OutboundConnection?> ConnectAsync()
    {
        try
        {
            var connection = await OutboundConnection.OpenAsync(_association).ConfigureAwait(false);
            _failures = 0;
            Volatile.Write(ref _pausedUntil, 0);
            _connection = connection;
            _remoting.Publish(new AssociatedEvent(_remoting.Address, _association.Address, false));
            _remoting.Track(ReadAsync(connection));
            return connection;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Pause();
            DropQueued();
            if (!_closed)
                _association.LostConnection(e, wasAssociated: false);
            return null;
        }
    }

    private async Task ReadAsync(OutboundConnection connection)
    {
        Exception? cause = null;
        try
        {
            await connection.ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            cause = e;
        }
        catch (ProtocolException e)
        {
            cause = e;
            _remoting.System.Log.Warning("Closing the connection to {0}: {1}", _association.Address, e.Message);
        }

        Lost(connection, cause);
    }

    private void Lost(OutboundConnection connection, Exception? cause)
    {
        connection.Dispose();
        // Writer and reader both come here; the first reports.
        if (Interlocked.CompareExchange(ref _connection, null, connection) != connection)
            return;
        if (!_closed)
            _association.LostConnection(cause, wasAssociated: true);
    }

    private void Pause()
    {
        var longest = _remoting.Settings.LongestRetryPause;
        var pause = longest / 100 * Math.Pow(2, Math.Min(_failures, 20));
        if (pause > longest)
            pause = longest;
        _failures++;
        Volatile.Write(ref _pausedUntil, Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency));
        _remoting.System.Timeouts.Advanced.ScheduleOnce(
            pause,
            () =>
            {
                if (!_closed && (_association.IsNeeded || HasWork))
                    WakeFenced();
            }
        );
    }

    private void DropQueued()
    {
        _heartbeat = false;
        while (_queue.TryDequeue(out var outgoing))
        {
            Interlocked.Add(ref _queuedBytes, -outgoing.Size);
            _association.Undeliverable(outgoing.Recipient, outgoing.Message, outgoing.Sender);
        }
    }

    private bool TrySerialize(RemoteActorRef recipient, object message, IActorRef? sender, out Outgoing outgoing)
    {
        var outer = Serialization.Serialization.EnterTransport(_remoting.Transport);
        try
        {
            var serializer = _remoting.System.Serialization.FindSerializerFor(message);
            var bytes = serializer.ToBinary(message);
            var manifest = serializer is SerializerWithStringManifest named ? named.Manifest(message) : "";
            outgoing = new Outgoing(recipient, sender, message, serializer.Identifier, manifest, bytes);
            if (bytes.Length <= _remoting.Settings.MaximumFrameSize)
                return true;
            _remoting.System.Log.Error(
                "Message [{0}] for {1} has {2} bytes, more than akka.remote.dot-netty.tcp.maximum-frame-size allows ({3})",
                message.GetType(),
                recipient,
                bytes.Length,
                _remoting.Settings.MaximumFrameSize
            );
            _remoting.Drop(recipient, message, sender, "too large");
            return false;
        }
        catch (Exception e)
        {
            // A serializer that fails must not fail whoever sends: the sender may be any actor.
            _remoting.System.Log.Error(
                e,
                "Message [{0}] for {1} cannot be serialized: {2}",
                message.GetType(),
                recipient,
                e.Message
            );
            outgoing = default;
            _remoting.Drop(recipient, message, sender, "cannot be serialized");
            return false;
        }
        finally
        {
            Serialization.Serialization.LeaveTransport(outer);
        }
    }
}

/// <summary>A message, serialized, and between whom.</summary>
internal readonly record struct Outgoing(
    RemoteActorRef Recipient,
    IActorRef? Sender,
    object Message,
    int Serializer,
    string Manifest,
    byte[] Bytes
)
{
    /// <summary>What it counts for in the queue, its objects included.</summary>
    public int Size => Bytes.Length + 96;
}

/// <summary>Says that messages are dropped, when it begins and then once for each tenfold.</summary>
internal sealed class OverflowLog(ILoggingAdapter log, Address address)
{
    private long _count;

    public void Count()
    {
        var count = Interlocked.Increment(ref _count);
        for (var power = 1L; power <= count; power *= 10)
        {
            if (power == count)
                log.Warning("The queue to {0} is full: {1} messages dropped so far", address, count);
        }
    }
}
