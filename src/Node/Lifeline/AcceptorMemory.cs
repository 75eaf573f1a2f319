using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Storage;
using Google.Protobuf;

namespace Failover.Node.Lifeline;

/// <summary>What this node's acceptor must not forget, in a file of its own. One thread at a time uses it.</summary>
internal sealed class AcceptorMemory
{
    private readonly DurableFile _file;

    private AcceptorMemory(DurableFile file, AcceptorState recovered)
    {
        _file = file;
        Recovered = recovered;
    }

    /// <summary>What was promised and accepted before this process.</summary>
    public AcceptorState Recovered { get; }

    /// <exception cref="StorageException">The file cannot be read, or is damaged: a voter must not forget, so the node must not start.</exception>
    public static AcceptorMemory Open(DurableFile file)
    {
        // A new node, or one whose memory was taken from it: nothing here tells which.
        if (file.Load() is not { } stored)
            return new AcceptorMemory(file, AcceptorState.Initial);

        try
        {
            return new AcceptorMemory(file, StateCodec.Decode(stored));
        }
        catch (InvalidProtocolBufferException damaged)
        {
            throw new StorageException("read", file.Path, $"the votes in it cannot be understood: {damaged.Message}");
        }
    }

    /// <exception cref="StorageException">The state is not on disk.</exception>
    public void Save(AcceptorState state) => _file.Save(StateCodec.Encode(state));
}
