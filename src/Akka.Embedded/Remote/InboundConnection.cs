using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Remote;

/// <summary>A connection that another system made: its messages come in, acknowledgements go back.</summary>
/// <remarks>One task reads it from beginning to end and hands messages to mailboxes itself.</remarks>
internal sealed class InboundConnection : IDisposable
{
    private const int MostDefinitions = 4096;

    private readonly Remoting _remoting;
    private readonly Stream _stream;
    private readonly string _from;
    private readonly FrameBuffer _input;
    private readonly FrameWriter _output = new();
    private readonly CancellationTokenSource _closing;
    private readonly CancellationToken _closed;
    private readonly List<KnownPath> _paths = [];
    private readonly List<string> _manifests = [];
    private Association? _association;
    private int _uid;
    private int _disposed;

    public InboundConnection(Remoting remoting, Stream stream, string from)
    {
        _remoting = remoting;
        _stream = stream;
        _from = from;
        _input = new FrameBuffer(stream, remoting.Settings.MaximumFrameSize);
        _closing = CancellationTokenSource.CreateLinkedTokenSource(remoting.Stopping);
        _closed = _closing.Token;
    }

    /// <summary>Serves the connection until it ends, for whatever reason.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (await IntroduceAsync().ConfigureAwait(false))
                await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection broke or this side stops; what it means is said below.
        }
        catch (ProtocolException e)
        {
            _remoting.System.Log.Warning("Closing the connection from {0}: {1}", _from, e.Message);
        }
        finally
        {
            Dispose();
            if (_association is { } association)
                _remoting.Publish(new DisassociatedEvent(_remoting.Address, association.Address, true));
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _closing.Dispose();
        _stream.Dispose();
        _remoting.Forget(this);
    }

    /// <summary>Closes the connection when it comes from an incarnation that is given up.</summary>
    public void DisposeIfFrom(Address address, int uid)
    {
        if (_association is { } association && association.Address.Equals(address) && _uid == uid)
            Dispose();
    }

    private async Task<bool> IntroduceAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closed);
        limit.CancelAfter(_remoting.Settings.ConnectTimeout);
        while (true)
        {
            if (_input.TryRead(out var frame))
            {
                var welcome = Answer(frame);
                await FlushAsync().ConfigureAwait(false);
                return welcome;
            }

            if (!await _input.FillAsync(limit.Token).ConfigureAwait(false))
                return false;
        }
    }

    private bool Answer(ReadOnlySpan<byte> frame)
    {
        var refusal = Handshake.ReadHello(frame, _remoting.Address, out var from, out _uid);
        if (refusal is not null)
        {
            _remoting.System.Log.Warning("Refusing the connection from {0} ({1}): {2}", from, _from, refusal);
            Handshake.WriteRefused(_output, refusal, quarantined: false);
            return false;
        }

        var association = _remoting.AssociationWith(from);
        if (!association.Meet(_uid))
        {
            Handshake.WriteRefused(_output, $"uid {_uid} is quarantined", quarantined: true);
            return false;
        }

        _association = association;
        Handshake.WriteWelcome(_output, _remoting.Uid);
        _remoting.Publish(new AssociatedEvent(_remoting.Address, from, true));
        association.SeenAlive();
        return true;
    }

    private async Task ReadAsync()
    {
        do
        {
            Serialization.Serialization.Transport? outer = Serialization.Serialization.EnterTransport(
                _remoting.Transport
            );
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
                await FlushAsync().ConfigureAwait(false);
        } while (await _input.FillAsync(_closed).ConfigureAwait(false));
    }

    private async ValueTask FlushAsync()
    {
        await _stream.WriteAsync(_output.Written, _closed).ConfigureAwait(false);
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
            case FrameKind.SystemMessage:
                SystemMessage(ref reader);
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
                return _remoting.Provider.ResolveTemp(reader.String());
            case ReferenceKind.SendersTemp:
                return new RemoteActorRef(_association!, _association!.Temp / reader.String());
            case ReferenceKind.Path:
                return (IInternalActorRef)_remoting.Provider.ResolveActorRef(reader.String());
            case var kind:
                throw new ProtocolException($"unknown reference {kind}");
        }
    }

    private void SystemMessage(ref FrameReader reader)
    {
        var sequence = (long)reader.Varint();
        var kind = (RemoteSystemKind)reader.Byte();
        var recipient = (IInternalActorRef)_remoting.Provider.ResolveActorRef(reader.String());
        var other = (IInternalActorRef)_remoting.Provider.ResolveActorRef(reader.String());
        var flags = reader.Byte();
        var due = _association!.IsNext(sequence, _uid, out var deliveredUpTo);
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

    /// <summary>A path that has a number, and the actor it led to when it was last used.</summary>
    private sealed class KnownPath(string path)
    {
        private IInternalActorRef? _resolved;

        public IInternalActorRef Resolve(Remoting remoting)
        {
            if (_resolved is { IsTerminated: false } known)
                return known;
            return _resolved = (IInternalActorRef)remoting.Provider.ResolveActorRef(path);
        }
    }
}
