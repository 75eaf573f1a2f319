using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>A connection that this system made: messages go out, acknowledgements come back.</summary>
/// <remarks>Encoding and sending belong to the one writer, <see cref="ReadAsync"/> to the one reader.</remarks>
internal sealed class OutboundConnection : IDisposable
{
    // Beyond this the table would only hold on to actors that have ended; later paths go in full.
    private const int MostDefinitions = 4096;

    private readonly Association _association;
    private readonly Lane _lane;
    private readonly Stream _stream;
    private readonly FrameBuffer _input;
    private readonly FrameWriter _output = new(1024);
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;

    // By the path object of each: the reference would keep the whole actor, long after its end.
    private readonly Dictionary<ActorPath, int> _senders = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _paths = [];
    private readonly Dictionary<string, int> _manifests = [];
    private long _lastSystemMessage;
    private int _disposed;

    private OutboundConnection(Association association, Lane lane, Stream stream)
    {
        _association = association;
        _lane = lane;
        _stream = stream;
        _closed = _closing.Token;
        // Nothing that comes back is large.
        _input = new FrameBuffer(stream, Handshake.LargestFrame);
    }

    /// <summary>How many bytes wait for <see cref="SendAsync"/>.</summary>
    public int Pending => _output.Length;

    /// <summary>The number of the last system message that was encoded; 0 before any.</summary>
    public long LastSystemMessage => Volatile.Read(ref _lastSystemMessage);

    /// <summary>Connects and introduces both sides.</summary>
    /// <exception cref="RemoteTransportException">Nobody is there in time, or does not want this connection.</exception>
    public static async Task<OutboundConnection> OpenAsync(Association association, Lane lane)
    {
        var remoting = association.Remoting;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(remoting.Stopping);
        limit.CancelAfter(remoting.Settings.ConnectTimeout);
        Stream? stream = null;
        try
        {
            stream = await remoting.Sockets.ConnectAsync(association.Address, limit.Token).ConfigureAwait(false);
            var connection = new OutboundConnection(association, lane, stream);
            await connection.IntroduceAsync(limit.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            throw e as RemoteTransportException
                ?? new RemoteTransportException($"Cannot connect to {association.Address}: {Reason(e, remoting)}", e);
        }
    }

    public void Encode(in Outgoing message)
    {
        var recipient = Define(message.Recipient);
        var sender = message.Sender is { } known ? Define(known) : 0;
        var manifest = Define(message.Manifest);

        _output.Begin(FrameKind.Message);
        Write(message.Recipient, recipient);
        Write(message.Sender, sender);
        _output.Varint((uint)message.Serializer.Identifier);
        _output.Varint((ulong)manifest);
        if (manifest == 0)
            _output.String(message.Manifest);
        if (message.Bytes is { } bytes)
            _output.Bytes(bytes);
        else
            _output.Message((DirectSerializer)message.Serializer, message.Message, message.Length);
        _output.End();
    }

    public void EncodeFence(long number)
    {
        _output.Begin(FrameKind.Fence);
        _output.Varint((ulong)number);
        _output.End();
    }

    public void EncodeSystemMessages()
    {
        while (_association.SystemMessageAfter(_lastSystemMessage) is { } message)
        {
            _output.Begin(FrameKind.SystemMessage);
            _output.Varint((ulong)message.Sequence);
            _output.Byte((byte)message.Kind);
            _output.String(message.Recipient.Path.ToSerializationFormat());
            _output.String(PathOf(message.Other));
            _output.Byte((byte)((message.ExistenceConfirmed ? 1 : 0) | (message.AddressTerminated ? 2 : 0)));
            _output.End();
            Volatile.Write(ref _lastSystemMessage, message.Sequence);
        }
    }

    public void EncodeHeartbeat()
    {
        _output.Begin(FrameKind.Heartbeat);
        _output.End();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync()
    {
        await _stream.WriteAsync(_output.Written, _closed).ConfigureAwait(false);
        _output.Clear();
    }

    /// <summary>Handles what comes back, until the connection ends.</summary>
    public async Task ReadAsync()
    {
        do
        {
            while (_input.TryRead(out var frame))
                Handle(frame);
        } while (await _input.FillAsync(_closed).ConfigureAwait(false));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _closing.Dispose();
        _stream.Dispose();
    }

    private void Handle(ReadOnlySpan<byte> frame)
    {
        _association.Heard();
        var reader = new FrameReader(frame);
        switch ((FrameKind)reader.Byte())
        {
            case FrameKind.Acknowledge:
                _association.Acknowledged((long)reader.Varint());
                break;
            case FrameKind.FencePassed:
                _association.FencePassed((long)reader.Varint());
                break;
            case FrameKind.HeartbeatReply:
                break;
            case var kind:
                throw new ProtocolException($"unexpected frame {kind}");
        }
    }

    private async Task IntroduceAsync(CancellationToken cancellation)
    {
        var remoting = _association.Remoting;
        Handshake.WriteHello(_output, _lane, remoting.Address, remoting.Uid, _association.Address);
        await _stream.WriteAsync(_output.Written, cancellation).ConfigureAwait(false);
        _output.Clear();
        while (true)
        {
            if (_input.TryRead(out var frame))
            {
                var uid = Handshake.ReadAnswer(frame, _association);
                if (!_association.Meet(uid))
                    throw new RemoteTransportException($"{_association.Address} is quarantined (uid {uid})");
                return;
            }

            if (!await _input.FillAsync(cancellation).ConfigureAwait(false))
                throw new IOException("it closed the connection at once");
        }
    }

    private static string Reason(Exception e, Remoting remoting) =>
        e switch
        {
            OperationCanceledException when remoting.Stopping.IsCancellationRequested => "this system ends",
            OperationCanceledException => $"no answer within {remoting.Settings.ConnectTimeout}",
            ProtocolException =>
                $"what answers there speaks something else ({e.Message}); TLS may be on at one side only",
            IOException => $"{e.Message} (TLS or certificates may differ)",
            _ => e.Message,
        };

    private int Define(IActorRef reference)
    {
        if (reference is RemoteActorRef remote)
        {
            if (ReferenceEquals(remote.DefinedOn, this))
                return remote.DefinedAs;
            if (remote.TempNumber != 0 || IsTemp(remote.Path))
                return 0;
            var id = DefinePath(remote.Path.ToSerializationFormat());
            (remote.DefinedOn, remote.DefinedAs) = (this, id);
            return id;
        }

        if (reference is not LocalActorRef)
            return 0;
        if (_senders.TryGetValue(reference.Path, out var known))
            return known;
        if (_senders.Count >= MostDefinitions)
            return 0;
        return _senders[reference.Path] = DefinePath(PathOf(reference));
    }

    private int DefinePath(string path)
    {
        if (_paths.TryGetValue(path, out var known))
            return known;
        if (_paths.Count >= MostDefinitions)
            return 0;
        var id = _paths.Count + 1;
        _paths.Add(path, id);
        _output.Begin(FrameKind.DefinePath);
        _output.Varint((ulong)id);
        _output.String(path);
        _output.End();
        return id;
    }

    private int Define(string manifest)
    {
        if (_manifests.TryGetValue(manifest, out var known))
            return known;
        if (_manifests.Count >= MostDefinitions)
            return 0;
        var id = _manifests.Count + 1;
        _manifests.Add(manifest, id);
        _output.Begin(FrameKind.DefineManifest);
        _output.Varint((ulong)id);
        _output.String(manifest);
        _output.End();
        return id;
    }

    private void Write(IActorRef? reference, int defined)
    {
        if (reference is null)
        {
            _output.Byte((byte)ReferenceKind.None);
        }
        else if (defined != 0)
        {
            _output.Byte((byte)ReferenceKind.Defined);
            _output.Varint((ulong)defined);
        }
        else if (reference is ITempActorRef own)
        {
            _output.Byte((byte)ReferenceKind.SendersTemp);
            _output.TempName(own.TempNumber);
        }
        else if (reference is RemoteActorRef { TempNumber: not 0 } theirs && theirs.Association == _association)
        {
            _output.Byte((byte)ReferenceKind.ReceiversTemp);
            _output.TempName(theirs.TempNumber);
        }
        else if (
            IsTemp(reference.Path) && (reference is not RemoteActorRef remote || remote.Association == _association)
        )
        {
            _output.Byte((byte)(reference is RemoteActorRef ? ReferenceKind.ReceiversTemp : ReferenceKind.SendersTemp));
            _output.String(reference.Path.Name);
        }
        else
        {
            _output.Byte((byte)ReferenceKind.Path);
            _output.String(PathOf(reference));
        }
    }

    private static bool IsTemp(ActorPath path) => path.Depth == 2 && path.Parent.Name == "temp";

    private string PathOf(IActorRef reference) =>
        reference.Path.ToSerializationFormatWithAddress(_association.Remoting.Address);
}
