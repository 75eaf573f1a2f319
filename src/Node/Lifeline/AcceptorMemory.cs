using Failover.Core.Views;
using Failover.Messages;
using Failover.Node.Storage;
using Google.Protobuf;

namespace Failover.Node.Lifeline;

/// <summary>What this node's acceptor must not forget, in a file of its own. One thread at a time uses it.</summary>
internal sealed class AcceptorMemory
{
    private readonly DurableFile _file;

    private AcceptorMemory(DurableFile file, AcceptorState recovered, bool isNew)
    {
        _file = file;
        Recovered = recovered;
        IsNew = isNew;
    }

    /// <summary>What was promised and accepted before this process.</summary>
    public AcceptorState Recovered { get; }

    /// <summary>This node has never voted, so nothing it may have granted can still bind.</summary>
    public bool IsNew { get; }

    /// <exception cref="StorageException">The file cannot be read, or is damaged: a voter must not forget, so the node must not start.</exception>
    public static AcceptorMemory Open(DurableFile file)
    {
        if (file.Load() is not { } stored)
        {
            // From now on a missing file means that the memory was taken from this node, not that it is new.
            file.Save(StateCodec.Encode(AcceptorState.Initial));
            return new AcceptorMemory(file, AcceptorState.Initial, isNew: true);
        }

        try
        {
            return new AcceptorMemory(file, StateCodec.Decode(stored), isNew: false);
        }
        catch (InvalidProtocolBufferException damaged)
        {
            throw new StorageException("read", file.Path, $"the votes in it cannot be understood: {damaged.Message}");
        }
    }

    /// <exception cref="StorageException">The state is not on disk.</exception>
    public void Save(AcceptorState state) => _file.Save(StateCodec.Encode(state));
}
