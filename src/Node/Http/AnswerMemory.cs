using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Failover.Node.Http;

/// <summary>
/// The memory in which the server builds answers. It asks for a buffer of no size when any will do, to which the shared
/// pool, all it has without a host around it, answers with an empty one (dotnet/aspnetcore, issue 58644).
/// </summary>
internal sealed class AnswerMemory : MemoryPool<byte>, IMemoryPoolFeature
{
    private const int Usual = 4096;

    public static AnswerMemory Instance { get; } = new();

    public MemoryPool<byte> MemoryPool => this;

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, Usual));

    protected override void Dispose(bool disposing) { }
}
