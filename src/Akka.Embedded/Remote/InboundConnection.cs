using System.Diagnostics;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Remote;

/// <summary>A connection that another system made: its messages come in, acknowledgements go back.</summary>
/// <remarks>One task reads it from beginning to end and hands messages to mailboxes itself.</remarks>
internal sealed class InboundConnection : IDisposable
{
    private const int MostDefinitions = 4096;

    // A frame has a few more bytes than its message: paths, manifest.
    private const int FrameOverhead = 4096;

    private readonly Remoting _remoting;
    private readonly Stream _stream;
    private readonly FrameBuffer _input;
    private readonly FrameWriter _output = new(512);
    private readonly CancellationTokenSource _closing;
    private readonly CancellationToken _closed;
    private readonly List<KnownPath> _paths = [];
    private readonly List<string> _manifests = [];
    private Association? _association;
    private long _lastHeard;
    private int _disposed;

    public InboundConnection(Remoting remoting, Stream stream)
    {
        _remoting = remoting;
        _stream = stream;
        _input = new FrameBuffer(stream, Handshake.LargestFrame);
        _closing = CancellationTokenSource.CreateLinkedTokenSource(remoting.Stopping);
        _closed = _closing.Token;
    }

    /// <summary>Who made it; null until that has been found out.</summary>
    public Hello? From { get; private set; }

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastHeard));

    /// <summary>Finds out who is at the other end.</summary>
    /// <returns>False when the connection is not wanted, which the other side has been told.</returns>
    /// <exception cref="ProtocolException">It says what no system says.</exception>
    /// <exception cref="IOException">It is gone.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<bool> IntroduceAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closed);
        limit.CancelAfter(_remoting.Settings.ConnectTimeout);
        if (await ReadHelloAsync(limit.Token).ConfigureAwait(false) is not { } hello)
        {
            // Load balancers look whether a port is open. With TLS, a certificate is judged after the other side's
            // handshake is complete.
            return _remoting.Settings.Ssl is null
                ? false
                : throw new ProtocolException("it has left at once; it may not accept this system's certificate");
        }

        var refusal = await _remoting.Inbound.RefusalAsync(hello).WaitAsync(limit.Token).ConfigureAwait(false);
        var association = refusal is null ? _remoting.AssociationWith(hello.From) : null;
        if (refusal is { } reason)
            Handshake.WriteRefused(_output, reason.Text, reason.Quarantined);
        else
            Handshake.WriteWelcome(_output, _remoting.Uid);
        if (refusal is null && hello.Lane != Lane.Probe)
            Admit(hello, association!);
        await FlushAsync(limit.Token).ConfigureAwait(false);
        return _association is not null;
    }

    /// <summary>Serves the connection until it ends, for whatever reason.</summary>
    /// <exception cref="ProtocolException">The other side says what no system says.</exception>
    public async Task ServeAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection broke or this side stops: that is its end, told below.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _closing.Dispose();
        _stream.Dispose();
    }

    private async Task<Hello?> ReadHelloAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                if (_input.TryRead(out var frame))
                    return Handshake.ReadHello(frame);
                if (!await _input.FillAsync(cancellation).ConfigureAwait(false))
                    return null;
            }
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Admit(Hello hello, Association association)
    {
        _association = association;
        From = hello;
        _lastHeard = Stopwatch.GetTimestamp();
        _input.Admit(_remoting.Settings.MaximumFrameSize + FrameOverhead);
        association.SeenAlive();
    }

    private async Task ReadAsync()
    {
        do
        {
            Serialization.Serialization.Transport? outer = Serialization.Serialization.EnterTransport(
                _remoting.Transport
            );
            var now = Stopwatch.GetTimestamp();
            Volatile.Write(ref _lastHeard, now);
            _association!.Seen(now);
            try
            {
                while (_input.TryRead(out var frame))
                    Handle(frame);
            }
            finally
            {
                Serialization.Serialization.LeaveTransport(outer);
            }

            if (_output.Length > 0)
                await FlushAsync(_closed).ConfigureAwait(false);
        } while (await _input.FillAsync(_closed).ConfigureAwait(false));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await _stream.WriteAsync(_output.Written, cancellation).ConfigureAwait(false);
        _output.Clear();
    }

    private void Handle(ReadOnlySpan<byte> frame)
    {
        var reader = new FrameReader(frame);
        switch ((FrameKind)reader.Byte())
        {
            case FrameKind.Message:
                Message(ref reader);
                break;
            case FrameKind.DefinePath:
                CheckDefinition(reader.Number(MostDefinitions), _paths.Count);
                _paths.Add(new KnownPath(reader.String()));
                break;
            case FrameKind.DefineManifest:
                CheckDefinition(reader.Number(MostDefinitions), _manifests.Count);
                _manifests.Add(reader.String());
                break;
            case FrameKind.SystemMessage when From!.Lane == Lane.Control:
                SystemMessage(ref reader);
                break;
            case FrameKind.Fence:
                _output.Begin(FrameKind.FencePassed);
                _output.Varint(reader.Varint());
                _output.End();
                break;
            case FrameKind.Heartbeat:
                _output.Begin(FrameKind.HeartbeatReply);
                _output.End();
                break;
            case var kind:
                throw new ProtocolException($"unexpected frame {kind}");
        }
    }

    private static void CheckDefinition(int id, int count)
    {
        if (id != count + 1)
            throw new ProtocolException($"definition {id} after {count}");
    }

    private void Message(ref FrameReader reader)
    {
        var recipient = Reference(ref reader);
        var sender = Reference(ref reader);
        var serializer = (int)reader.Varint();
        var manifest = reader.Number(_manifests.Count) is var id and not 0 ? _manifests[id - 1] : reader.String();
        if (recipient is not { IsLocal: true })
        {
            _remoting.Rejected($"a message for {recipient}, which is not here", _association!.Address);
            return;
        }

        if (_remoting.TryDeserialize(reader.Rest, serializer, manifest, _association!.Address) is { } message)
            _remoting.Deliver(recipient, message, sender);
    }

    private IInternalActorRef? Reference(ref FrameReader reader)
    {
        switch ((ReferenceKind)reader.Byte())
        {
            case ReferenceKind.None:
                return null;
            case ReferenceKind.Defined:
                var number = reader.Number(_paths.Count);
                if (number == 0)
                    throw new ProtocolException("path number 0");
                return _paths[number - 1].Resolve(_remoting);
            case ReferenceKind.ReceiversTemp:
                return Temp(reader.Bytes(), ofSender: false);
            case ReferenceKind.SendersTemp:
                return Temp(reader.Bytes(), ofSender: true);
            case ReferenceKind.Path:
                return (IInternalActorRef)_remoting.Provider.ResolveActorRef(reader.String());
            case var kind:
                throw new ProtocolException($"unknown reference {kind}");
        }
    }

    private IInternalActorRef Temp(ReadOnlySpan<byte> name, bool ofSender)
    {
        if (TempName.TryParse(name, out var number))
        {
            return ofSender ? new RemoteActorRef(_association!, number) : _remoting.Provider.ResolveTemp(number);
        }

        // No name of an ask, but one that nobody is forbidden to use: it leads to no actor.
        var path = (ofSender ? _association!.Temp : _remoting.Provider.Temp.Path) / FrameReader.Text(name);
        return ofSender ? new RemoteActorRef(_association!, path) : new EmptyLocalActorRef(_remoting.System, path);
    }

    private void SystemMessage(ref FrameReader reader)
    {
        var sequence = (long)reader.Varint();
        var kind = (RemoteSystemKind)reader.Byte();
        var recipient = (IInternalActorRef)_remoting.Provider.ResolveActorRef(reader.String());
        var other = (IInternalActorRef)_remoting.Provider.ResolveActorRef(reader.String());
        var flags = reader.Byte();
        var due = _association!.IsNext(sequence, From!.Uid, out var deliveredUpTo);
        if (deliveredUpTo > 0)
        {
            _output.Begin(FrameKind.Acknowledge);
            _output.Varint((ulong)deliveredUpTo);
            _output.End();
        }

        if (!due)
            return;
        switch (kind)
        {
            case RemoteSystemKind.Death:
                _association.Watches.Ended(other, recipient, (flags & 1) != 0, (flags & 2) != 0);
                break;
            case RemoteSystemKind.Watch or RemoteSystemKind.Unwatch when _remoting.Settings.Untrusted:
                _remoting.Rejected($"{kind} of {recipient} in untrusted mode", _association.Address);
                break;
            case RemoteSystemKind.Watch when other is RemoteActorRef watcher:
                _association.Watches.WatchedHere(recipient, watcher);
                recipient.SendSystemMessage(new Watch(recipient, watcher));
                break;
            case RemoteSystemKind.Unwatch when other is RemoteActorRef watcher:
                _association.Watches.NotWatchedHere(recipient, watcher);
                recipient.SendSystemMessage(new Unwatch(recipient, watcher));
                break;
            default:
                throw new ProtocolException($"system message {kind} from {other}");
        }
    }

    /// <summary>A path that has a number, and the reference it led to when it was last used.</summary>
    /// <remarks>An actor of this system only weakly: the connection would keep all of it, long after its end.</remarks>
    private sealed class KnownPath(string path)
    {
        private readonly WeakReference<LocalActorRef> _actor = new(null!);
        private IInternalActorRef? _other;

        public IInternalActorRef Resolve(Remoting remoting)
        {
            if (_actor.TryGetTarget(out var actor) && !actor.IsTerminated)
                return actor;
            if (_other is { IsTerminated: false } other)
                return other;
            var found = (IInternalActorRef)remoting.Provider.ResolveActorRef(path);
            if (found is LocalActorRef local)
                _actor.SetTarget(local);
            else
                _other = found;
            return found;
        }
    }
}
